"""The oracle's sizes and what an entry may add to what is held (R14 to R18b, R20).

A lot at 101 is worth 101; the entry is limited at 102 and its stop lies 10 ticks away.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.enums import OutputKind, Refusal, TickKind
from oracle.core import Oracle
from oracle_cases import (
    instrument,
    limits,
    margin,
    margined,
    of_kind,
    oracle,
    playbook,
    quote,
    row,
    second_market,
    trade,
)

RESTING = {"style": "resting", "resting_life_s": 60.0}


def answer(made: Oracle) -> tuple[Any, ...] | None:
    """The last answer's code, limit and actual; None is an approval."""
    last = made.outputs[-1]
    return (last.code, *last.distances[:2]) if last.kind is OutputKind.REFUSED else None


def first_answer(**changes: object) -> tuple[Any, ...] | None:
    made = oracle(playbook(), limits=limits(**changes))
    made.tick(quote(1, 100, 101))
    return answer(made)


@pytest.mark.parametrize(
    ("name", "code", "met"),
    [
        ("max_order_notional", Refusal.ORDER_NOTIONAL, 510.0),
        ("max_position_notional", Refusal.POSITION_NOTIONAL, 510.0),
        ("max_gross_notional", Refusal.GROSS_NOTIONAL, 510.0),
        ("max_trade_loss", Refusal.TRADE_LOSS, 50 + 2 * 1.02),
        ("max_heat", Refusal.HEAT, 50 + 2 * 1.02),
    ],
)
def test_limit_of_money_refuses_just_above_it(name: str, code: Refusal, met: float) -> None:
    assert first_answer(**{name: met + 1e-9}) is None
    assert first_answer(**{name: met - 0.01}) == (code, met - 0.01, pytest.approx(met))


def test_leverage_is_held_against_equity() -> None:
    assert first_answer(max_leverage=0.0511) is None
    assert first_answer(max_leverage=0.0509) == (Refusal.LEVERAGE, pytest.approx(509.0), 510.0)


def two(bound: Mapping[str, object], groups: Mapping[str, list[str]] | None = None) -> Oracle:
    """The first market holds 5 from 101 at a bid of 99 with its stop at 91."""
    made = oracle(playbook(), limits=limits(**bound), groups=groups)
    second_market(made, playbook())
    made.tick(quote(1, 100, 101))
    made.tick(quote(2, 99, 100))
    return made


def other(made: Oracle) -> tuple[Any, ...] | None:
    values = {"bid": 100, "ask": 101, "bid_size": 100.0, "ask_size": 100.0}
    made.tick(row(3, TickKind.QUOTE, market=1, **values))
    return answer(made)


def test_group_adds_up_the_markets_that_fit_it() -> None:
    met = 510 + 495.0
    bound = {"max_group_notional": met - 1}
    assert other(two(bound, {"a": ["t*"], "b": ["o*"]})) is None
    assert other(two(bound, {"a": ["t*"], "b": ["x", "*"]})) == (
        Refusal.GROUP_NOTIONAL, met - 1, met,
    )  # fmt: skip
    assert other(two({"max_group_notional": met}, {"b": ["*"]})) is None
    assert other(two({"max_group_notional": 509}, {"b": ["one"]})) is None
    assert other(two({"max_group_notional": 510}, {"b": ["TWO"]})) is None


def test_heat_adds_what_others_lose_at_their_stops() -> None:
    # 8 ticks of 5 lots and the exit cost of 495.
    met = 52.04 + 40 + 0.99
    assert other(two({"max_heat": met + 1e-9})) is None
    assert other(two({"max_heat": met - 0.01})) == (
        Refusal.HEAT, met - 0.01, pytest.approx(met),
    )  # fmt: skip


def test_heat_of_a_stop_beyond_the_quote_is_the_cost_of_leaving() -> None:
    made = two({"max_heat": 52.04 + 0.99 + 1e-9})
    position = made.markets[0].position
    assert position is not None
    position.stop_level = 120
    assert other(made) is None


def test_heat_of_a_working_entry_is_that_of_its_own_review() -> None:
    made = oracle(playbook(RESTING), limits=limits(max_heat=52.04 + 50 + 2.0 - 0.01))
    second_market(made, playbook())
    made.tick(quote(1, 100, 101))
    # 5 at 100: 50 to the stop and twice 1.00.
    assert other(made) == (Refusal.HEAT, pytest.approx(104.03), pytest.approx(104.04))


def test_margin_divides_by_the_instruments_leverage() -> None:
    terms = margin("4", ("0", "0.01"))
    for lots, wanted in ((100, None), (400, (Refusal.MARGIN, 10_000.0, pytest.approx(10_200.0)))):
        book = playbook(size={"multiple": lots / 5}, exit_={"stop": "1tick"})
        made = oracle(book, traded=margined(instrument(), terms))
        made.tick(quote(1, 100, 101))
        assert answer(made) == wanted


def test_margin_without_terms_is_the_whole_notional() -> None:
    made = oracle(playbook(size={"multiple": 20.0}))
    made.tick(quote(1, 100, 101))
    assert answer(made) == (Refusal.MARGIN, 10_000.0, 10_200.0)


def test_liquidation_must_lie_so_many_stops_away() -> None:
    # Leverage 5, rate 0.5 %: 102 x (1 - 0.2) / 0.995 = 82.01, up to 83: 19 ticks away.
    traded = margined(instrument(), margin("5", ("0", "0.005")))
    for stops, wanted in ((1.9, None), (1.91, (Refusal.LIQUIDATION, pytest.approx(19.1), 19.0))):
        made = oracle(playbook(), traded=traded, limits=limits(min_liquidation_stops=stops))
        made.tick(quote(1, 100, 101))
        assert answer(made) == wanted


def sized(**size: object) -> int:
    made = oracle(playbook(size=size))
    made.tick(quote(1, 100, 101))
    return made.outputs[-1].lots


@pytest.mark.parametrize(
    ("fraction", "most", "lots"),
    [
        # A lot loses 10 and twice 0.204: of 10,000 the budget of 52.04 takes five.
        (0.005204, 2.0, 5),
        (0.00521, 2.0, 5),
        (0.0052, 2.0, 4),
        (0.01, 1.5, 7),
        (0.001, 1.5, 0),
    ],
)
def test_risk_size_loses_the_fraction_at_the_stop(fraction: float, most: float, lots: int) -> None:
    assert sized(mode="risk", risk_fraction=fraction, max_multiple=most) == lots


def test_no_lots_are_refused() -> None:
    made = oracle(playbook(size={"mode": "risk", "risk_fraction": 0.001}))
    made.tick(quote(1, 100, 101))
    assert answer(made) == (Refusal.BAD_LOTS, 1.0, 0.0)
    assert of_kind(made, OutputKind.INTENT)[0].lots == 0


def test_volatility_size_shrinks_with_it_and_is_none_before_it_is_known() -> None:
    size = {"mode": "volatility", "multiple": 2.0, "target_volatility_bps": 50.0}
    assert sized(**size) == 0
    # One move of 1 % every second: 100 bp.
    for change, wanted in ((1.01, 5), (1.0, 0), (1.003, 10)):
        made = oracle(playbook(size={**size, "max_multiple": 2.0}))
        for second in range(12):
            made.tick(trade(second, 1000 * change ** (second % 2)))
        made.tick(quote(12, 100, 101))
        assert made.outputs[-1].lots == wanted
