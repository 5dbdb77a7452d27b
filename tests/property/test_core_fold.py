"""What must hold for the whole core, whatever the ticks are."""

import os
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core import auto_scalper
from agent.core.advance import ROOM
from config.catalog import load_playbook
from core_cases import START_EQUITY, Case, playbook
from domain.arrays import Rows
from domain.enums import EntryStyle, OutputKind, TickKind
from domain.events import EndOfData
from domain.units import TsNs
from random_playbooks import with_switches
from random_ticks import loose_playbook_values, random_ticks
from trading_cases import COIN

COUNT = 6_000
MARKETABLE = playbook(loose_playbook_values())
RESTING = playbook(
    {**loose_playbook_values(), "entry": {"style": EntryStyle.RESTING.word, "resting_life_s": 1.0}}
)
# Additions, partial exits, flips and every mover; then with switches between such playbooks.
PLAYBOOKS = {
    "marketable": MARKETABLE,
    "resting": RESTING,
    "probe": load_playbook("probe"),
    "switching": with_switches(30),
}


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
    assert len(case.trades) >= 20
    # Made for prices of four to six digits, the probe leaves by its tightest stops on this one.
    assert len(set(case.reasons)) >= (3 if style == "probe" else 6)


@pytest.mark.parametrize("style", PLAYBOOKS)
@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_the_hash_does_not_depend_on_the_size_of_the_pieces(style: str, chunk: int) -> None:
    ticks = random_ticks(2, 20_000)
    whole, pieces = folded(ticks, style), folded(ticks, style, chunk)
    assert pieces.hash.hexdigest() == whole.hash.hexdigest()
    assert pieces.book.rows.tobytes() == whole.book.rows.tobytes()


def test_the_hash_does_not_depend_on_the_room_for_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = random_ticks(2, 20_000)
    whole = folded(ticks)
    monkeypatch.setattr(auto_scalper, "OUTPUT_ROWS", ROOM + 2)
    cramped = folded(ticks)
    assert cramped.hash.hexdigest() == whole.hash.hexdigest()
    assert cramped.kept.rows.tobytes() == whole.kept.rows.tobytes()


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
def test_money_adds_up_to_the_last_digit(style: str, seed: int) -> None:
    case = ended(random_ticks(seed, 3_000), style)
    trades = case.trades
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
def test_no_marketable_fill_is_better_than_any_quote_from_its_decision_to_its_arrival(
    seed: int,
) -> None:
    ticks = random_ticks(seed, 3_000)
    said = folded(ticks).kept.rows
    quotes = ticks[ticks["kind"] == TickKind.QUOTE]
    orders = said[said["kind"] == OutputKind.APPROVED]
    for fill in said[said["kind"] == OutputKind.FILL]:
        decided = orders["event_ns"][orders["decision_seq"] < fill["decision_seq"]][-1]
        arrived = decided + COIN.latency_ms * 1_000_000
        known = quotes[quotes["event_ns"] <= decided][-1:]
        later = quotes[(quotes["event_ns"] > decided) & (quotes["event_ns"] <= arrived)]
        seen = np.concatenate([known, later])
        buys = (fill["side"] > 0) != bool(fill["first_ns"] & 2)
        price = fill["price_ticks"] * 0.1
        assert np.all(price >= seen["ask"] - 1e-9 if buys else price <= seen["bid"] + 1e-9)


def test_every_tick_on_a_flat_market_is_one_rejection_or_one_entry_intent() -> None:
    ticks = random_ticks(8, 2_000)
    ticks = ticks[ticks["kind"] != TickKind.INVALID_BOOK]
    case, flat = Case().market(MARKETABLE), 0
    for i in range(len(ticks)):
        said, counted = len(case.kept.rows), _decided(case)
        case.core.fold(ticks[i : i + 1])
        untouched = not np.any(case.kept.rows["kind"][said:] == OutputKind.FILL)
        if untouched and case.row["position_lots"] == 0 and not case.row["orders"]["active"].any():
            flat += 1
            assert _decided(case) - counted == 1
    assert flat > 300


def _decided(case: Case) -> int:
    tally = case.row["tally"]
    return int(tally["rejections"].sum() + tally["entries"])


def test_the_hash_is_the_same_under_another_hash_seed() -> None:
    code = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from config.catalog import load_playbook\n"
        "from core_cases import Case, playbook\n"
        "from random_playbooks import with_switches\n"
        "from random_ticks import loose_playbook_values, random_ticks\n"
        "loose = playbook(loose_playbook_values())\n"
        "for rules in (loose, load_playbook('probe'), with_switches(30)):\n"
        "    case = Case().market(rules).fold(random_ticks(6, 5_000))\n"
        "    print(case.hash.hexdigest())\n"
    )
    here = [folded(random_ticks(6, 5_000), style) for style in ("marketable", "probe", "switching")]
    assert len(here[-1].kept.of(OutputKind.PLAYBOOK_CHANGED)) > 0
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == [case.hash.hexdigest() for case in here]
