"""Gates that ask a reference, the regime, the last trades or others (docs/rules.md, G5 to G20)."""

from decimal import Decimal

import pytest

from core_cases import Case, another, at, playbook, quote, trade
from core_steps import asked, flat
from domain.arrays import Rows
from domain.enums import BookSource, Gate, PriceSource, Regime
from domain.events import ContextSet, ParameterSet, Reference
from strategies.rules.gates import regime
from trading_cases import COIN

REFERENCE = Reference(
    instrument=another("INDEX"), price_source=PriceSource.TRADES, book_source=BookSource.QUOTES
)
ON = {"mode": "on"}


def leading(seconds: float, price: float) -> Rows:
    row = trade(seconds, price)
    row["slot"] = 2
    return row


def referred(gate: Gate, **values: object) -> Case:
    rules = {f"gates.{gate.word}": {**ON, **values}}
    return Case().market(playbook(rules), reference=REFERENCE)


def distance_in(case: Case, now: Regime) -> float:
    """What the regime gate answers while the market is in this regime."""
    row = case.row
    row["features"]["regime"][0] = now
    return float(regime(row, case.book.account, 1, 0))


def test_the_reference_must_move_in_the_direction_of_the_side() -> None:
    case = referred(Gate.REFERENCE, streak=2, min_move="1tick")
    case.fold(leading(0, 50.0), leading(1, 50.1))
    assert asked(case, Gate.REFERENCE, quote(1.1, 100.0, 100.1)) == ("blocks", -1.0)
    case.fold(leading(1.2, 50.2))
    assert asked(case, Gate.REFERENCE, quote(1.3, 100.0, 100.1)) == ("enters", 0.0)


def test_a_reference_that_falls_counts_against_a_buyer() -> None:
    case = referred(Gate.REFERENCE, streak=1, min_move="1tick")
    case.fold(leading(0, 50.0), leading(1, 49.9), leading(1.1, 49.8))
    assert asked(case, Gate.REFERENCE, quote(1.2, 100.0, 100.1)) == ("blocks", -3.0)


@pytest.mark.parametrize("later", [False, True])
def test_points_of_the_reference_are_its_own(later: bool) -> None:
    coarse = Reference(
        instrument=another("INDEX", tick=Decimal("0.5")),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
    )
    rules = playbook({"gates.reference": {**ON, "streak": 1, "min_move": "1pt"}})
    case = Case().market(playbook() if later else rules, reference=coarse)
    if later:
        case.core.apply(ParameterSet(event_ns=at(0), market="COIN", playbook=rules))
    case.fold(leading(0, 50.0), leading(1, 50.5))
    assert asked(case, Gate.REFERENCE, quote(1.1, 100.0, 100.1)) == ("blocks", None)
    case.fold(leading(1.2, 51.0))
    assert asked(case, Gate.REFERENCE, quote(1.3, 100.0, 100.1)) == ("enters", 0.0)


def test_an_old_reference_is_not_ready() -> None:
    case = referred(Gate.REFERENCE, streak=1, min_move="1tick", max_age_s=2.0)
    case.fold(leading(0, 50.0), leading(1, 50.1))
    assert asked(case, Gate.REFERENCE, quote(3.5, 100.0, 100.1)) == ("blocks", None)


def test_without_a_reference_its_gates_are_off() -> None:
    rules = {f"gates.{g.word}": ON for g in (Gate.REFERENCE, Gate.RELATIVE_STRENGTH)}
    case = flat(rules).fold(quote(0, 100.0, 100.1))
    assert case.row["tally"]["entries"] == 1


def test_the_market_must_lead_the_reference() -> None:
    case = referred(Gate.RELATIVE_STRENGTH, window_s=1, min_bps=5.0)
    case.fold(trade(0, 100.0), leading(0, 50.0), trade(2, 100.1), leading(2, 50.0))
    assert asked(case, Gate.RELATIVE_STRENGTH, quote(2.1, 100.0, 100.1))[0] == "enters"


def test_the_regime_must_be_among_those_allowed() -> None:
    case = flat({"gates.regime": {**ON, "allowed": "trending"}})
    case.fold(*(trade(second, 100.0) for second in range(62)))
    assert case.row["features"][0]["regime"] == Regime.QUIET
    assert asked(case, Gate.REGIME, quote(62, 100.0, 100.1)) == ("blocks", -1.0)


@pytest.mark.parametrize(
    ("allowed", "regimes"),
    [
        ("all", ["quiet", "ranging", "trending", "volatile"]),
        ("trending", ["trending"]),
        ("trending_or_volatile", ["trending", "volatile"]),
        ("not_quiet", ["ranging", "trending", "volatile"]),
        ("ranging_or_volatile", ["ranging", "volatile"]),
    ],
)
def test_the_regime_gate_lets_enter_in_the_regimes_it_names(
    allowed: str, regimes: list[str]
) -> None:
    case = flat({"gates.regime": {**ON, "allowed": allowed}})
    assert [each.word for each in Regime if distance_in(case, each) >= 0] == regimes


@pytest.mark.parametrize(
    ("gate", "values", "distance"),
    [
        (Gate.SMC, {"min_bias": 0.25}, 0.25),
        (Gate.SCAN_PLAN, {}, 0.5),
        (Gate.WIN_PROBABILITY, {"min": 0.5}, 0.25),
    ],
)
def test_context_of_others_decides_until_its_time_is_over(
    gate: Gate, values: dict[str, float], distance: float
) -> None:
    case = flat({f"gates.{gate.word}": {**ON, **values}})
    assert asked(case, gate, quote(0, 100.0, 100.1))[1] is None
    case.core.apply(
        ContextSet(
            event_ns=at(1), market="COIN", valid_until_ns=at(2),
            smc_bias=0.5, plan_side=1.0, win_long=0.75, win_short=0.1,
        )
    )  # fmt: skip
    assert asked(case, gate, quote(2.5, 100.0, 100.1))[1] is None
    case.core.apply(
        ContextSet(
            event_ns=at(3), market="COIN", valid_until_ns=at(9),
            smc_bias=0.5, plan_side=1.0, win_long=0.75, win_short=0.1,
        )
    )  # fmt: skip
    assert asked(case, gate, quote(4, 100.0, 100.1)) == ("enters", distance)


def test_a_loss_streak_asks_for_a_longer_streak() -> None:
    asks = {**ON, "streak": 1, "min_move": "1tick", "loss_streak": 1, "loss_penalty": 3}
    case = flat({"gates.momentum": asks, "exit": {"stop": "2tick"}})
    case.fold(trade(0, 100.0), trade(0.1, 100.1), quote(0.2, 100.0, 100.1), quote(1, 100.0, 100.1))
    case.fold(quote(2, 99.0, 99.1), quote(3, 99.0, 99.1))
    assert case.row["losses_in_a_row"] == 1
    assert asked(case, Gate.MOMENTUM, quote(4, 99.0, 99.1)) == ("blocks", -3.0)


def test_a_winning_trade_may_be_followed_sooner() -> None:
    pause = {**ON, "after_exit_s": 30.0, "re_entry_window_s": 20.0, "re_entry_gap_s": 2.0}
    case = flat({"gates.cool_down": {**pause, "after_loss_s": 0.0, "min_gap_s": 0.0}})
    case.fold(quote(0, 100.0, 100.1), quote(1, 104.0, 104.1), quote(2, 104.0, 104.1))
    assert case.row["last_won"] == 1
    assert asked(case, Gate.COOL_DOWN, quote(3.0, 104.0, 104.1))[0] == "blocks"
    assert asked(case, Gate.COOL_DOWN, quote(3.1, 104.0, 104.1))[0] == "enters"


def test_votes_of_the_market_itself_need_no_reference() -> None:
    rules = {"gates.index_bias": {**ON, "source": "market", "frame": "1s", "min_score": 1}}
    case = flat(rules).fold(*(trade(s, 100.0 - 0.1 * s) for s in range(40)))
    answer, distance = asked(case, Gate.INDEX_BIAS, quote(40, 96.0, 96.1))
    assert (answer, COIN.name) == ("enters", "COIN")
    assert distance >= 0
