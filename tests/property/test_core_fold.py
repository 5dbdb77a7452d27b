"""What must hold for the whole core, whatever the ticks are."""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core_cases import START_EQUITY, Case, playbook
from domain.arrays import Rows
from domain.enums import EntryStyle, OutputKind, TickKind
from domain.events import EndOfData
from domain.units import TsNs
from random_ticks import loose_playbook_values, random_ticks

COUNT = 6_000
MARKETABLE = playbook(loose_playbook_values())
RESTING = playbook(
    {**loose_playbook_values(), "entry": {"style": EntryStyle.RESTING.word, "resting_life_s": 1.0}}
)
PLAYBOOKS = {"marketable": MARKETABLE, "resting": RESTING}


def folded(ticks: Rows, style: str = "marketable", chunk: int = 0) -> Case:
    """The ticks through a fresh core in pieces, without an end."""
    case = Case().market(PLAYBOOKS[style])
    for start in range(0, len(ticks), chunk or len(ticks)):
        case.core.fold(ticks[start : start + (chunk or len(ticks))])
    return case


def ended(ticks: Rows, style: str = "marketable") -> Case:
    """The ticks through a fresh core, closed out."""
    case = folded(ticks, style)
    case.core.apply(EndOfData(event_ns=TsNs(int(ticks["event_ns"][-1])), market="COIN"))
    return case


@pytest.mark.parametrize("style", PLAYBOOKS)
def test_random_ticks_reach_many_trades_and_exits_so_that_these_properties_mean_something(
    style: str,
) -> None:
    case = ended(random_ticks(1, 20_000), style)
    assert len(case.portfolio.trades) > 50
    assert len(set(case.reasons)) >= 6


@pytest.mark.parametrize("style", PLAYBOOKS)
@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_the_hash_does_not_depend_on_the_size_of_the_pieces(style: str, chunk: int) -> None:
    ticks = random_ticks(2, 20_000)
    whole, pieces = folded(ticks, style), folded(ticks, style, chunk)
    assert pieces.hash.hexdigest() == whole.hash.hexdigest()
    assert pieces.book.rows.tobytes() == whole.book.rows.tobytes()


@pytest.mark.parametrize("style", PLAYBOOKS)
def test_nothing_said_up_to_a_tick_changes_when_all_later_ticks_are_replaced(style: str) -> None:
    ticks, other = random_ticks(3, COUNT), random_ticks(4, COUNT)
    whole = folded(ticks, style).kept.rows
    for k in np.random.default_rng(5).integers(1, COUNT, 200):
        tail = other[k:].copy()
        shift = ticks["event_ns"][k - 1] - other["event_ns"][k - 1]
        tail["event_ns"] += shift
        tail["ts_ns"] += shift
        prefix = folded(ticks[:k], style).kept.rows
        changed = folded(np.concatenate([ticks[:k], tail]), style, 1_000).kept.rows
        assert changed[: len(prefix)].tobytes() == prefix.tobytes()
        assert whole[: len(prefix)].tobytes() == prefix.tobytes()


@pytest.mark.parametrize("style", PLAYBOOKS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_money_adds_up_to_the_last_digit(style: str, seed: int) -> None:
    case = ended(random_ticks(seed, 3_000), style)
    trades = case.portfolio.trades
    for t in trades:
        assert t.net == t.gross - t.spread_cost - t.slippage - t.fees - t.funding
    assert case.portfolio.equity({}) == START_EQUITY + sum((t.net for t in trades), Decimal(0))
    assert case.portfolio.equity({}) - START_EQUITY == cash(case.kept.of(OutputKind.FILL))


def cash(fills: Rows) -> Decimal:
    """Cash flows of fills in COIN, where a tick on a lot is 0.01, less fees: by another way."""
    total = Fraction(0)
    for fill in fills:
        exits, maker = int(fill["first_ns"]) & 2, int(fill["first_ns"]) & 1
        direction = -int(fill["side"]) if exits else int(fill["side"])
        notional = Fraction(int(fill["price_ticks"]) * int(fill["lots"]), 100)
        total -= direction * notional + notional * Fraction(2 if maker else 5, 10_000)
    return Decimal(total.numerator) / Decimal(total.denominator)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_marketable_fill_is_never_better_than_the_worst_quote_since_the_decision(
    seed: int,
) -> None:
    ticks = random_ticks(seed, 3_000)
    said = folded(ticks).kept.rows
    quotes = ticks[ticks["kind"] == TickKind.QUOTE]
    intents = said[said["kind"] == OutputKind.INTENT]
    for fill in said[said["kind"] == OutputKind.FILL]:
        decided = intents["event_ns"][intents["event_ns"] < fill["event_ns"]].max()
        seen = quotes[(quotes["event_ns"] > decided) & (quotes["event_ns"] <= fill["event_ns"])]
        exits = int(fill["first_ns"]) & 2
        buys = (fill["side"] > 0) != bool(exits)
        worst = seen["ask"].max() if buys else seen["bid"].min()
        price = fill["price_ticks"] * 0.1
        assert len(seen) == 0 or (price >= worst - 1e-9 if buys else price <= worst + 1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_every_flat_tick_is_one_rejection_or_one_entry_intent(seed: int) -> None:
    ticks = random_ticks(seed, 3_000)
    case, flat = Case().market(MARKETABLE), 0
    for i in range(len(ticks)):
        before = case.row.copy()
        case.core.fold(ticks[i : i + 1])
        flat += is_flat_tick(before, case.row)
    tally = case.row["tally"]
    assert int(tally["rejections"].sum() + tally["entries"]) == flat


def is_flat_tick(before: np.void, after: np.void) -> int:
    """1 if the tick was counted and no position or order was there when the gates came."""
    counted = after["tally"]["rejections"].sum() - before["tally"]["rejections"].sum()
    return int(counted + after["tally"]["entries"] - before["tally"]["entries"])


def test_the_hash_is_the_same_under_another_hash_seed() -> None:
    code = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from property_hash import digest\nprint(digest())\n"
    )
    code = code.replace("property_hash", "random_digest")
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
