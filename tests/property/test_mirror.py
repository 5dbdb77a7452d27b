"""Prices mirrored in ticks give mirrored decisions where a market may be sold.

What knows the level of the price cannot be mirrored and is left out: the gates `expected_move` and
`relative_strength`, distances and sizes in bp, the thresholds of the regime (its direction stays),
fees, funding, margin and limits of notional, inverse contracts. Velocity is in bp/s as well: its
sign alone is compared. What the rules round to one side is stated in them and never comes up in
these cases: an average halfway between two ticks and the cost of a part of a position (E1), the
candidate LONG before the first move (section 3), a Supertrend at its start and on its band (F19).
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.arrays import Floats, Record, Rows
from domain.enums import ExitReason, Gate, OutputKind, Side
from mirrored_cases import MIRROR, mirror_case, mirrored
from random_cases import Case
from side_by_side import Core
from strategies.features.book import imbalance, micro_price_ticks
from strategies.features.candles import trade_flow, window_range
from strategies.features.indicators import atr_of, ema9_of, ema21_of
from strategies.features.oscillators import adx_of, di_difference_of, rsi_of, supertrend_of
from strategies.features.vwap import vwap
from strategies.rules.chain import explain
from strategies.rules.marks import day_result

Kinds = npt.NDArray[np.bool_]

EQUAL: Final = ("event_ns", "market", "decision_seq", "kind", "code", "first_ns")
PRICED: Final = (
    OutputKind.INTENT, OutputKind.ADDITION, OutputKind.APPROVED, OutputKind.REFUSED,
    OutputKind.FILL,
)  # fmt: skip
COUNTED: Final = ("ticks", "entries", "exits", "additions", "rejections", "not_ready", "observed")
ACCOUNTED: Final = (
    "trading_state", "state_cause", "realised", "unrealised", "peak_equity", "max_drawdown",
    "guard_peak", "drawdown", "next_timer_ns",
)  # fmt: skip
MONEY: Final = ("gross", "spread_cost", "slippage", "fees", "funding", "net")
PER_PRICE: Final = [Gate.EXPECTED_MOVE, Gate.RELATIVE_STRENGTH, Gate.VELOCITY]
FINER: Final = (1, 1, 2)  # ticks of a slot's instrument in one of the traded
SEEDS: Final = range(100)


def folded(case: Case) -> Core:
    """A fresh core that was told the ticks of a case, in pieces between its events."""
    core, told = Core(case), 0
    for event in sorted(case.events, key=lambda each: each.event_ns):
        until = int(np.searchsorted(case.ticks["event_ns"], event.event_ns))
        core.core.fold(case.ticks[told:until])
        core.core.apply(event)
        told = until
    core.core.fold(case.ticks[told:])
    return core


def of_kind(said: Rows, *kinds: OutputKind) -> Kinds:
    """Which outputs are of one of these kinds."""
    return np.isin(said["kind"], kinds)


def reflected(half_ticks: Floats) -> Floats:
    """Prices in half-ticks in the mirror; 0 is none yet."""
    return np.where(half_ticks == 0, 0, 2 * MIRROR - half_ticks)


def mirrored_distances(said: Rows) -> Floats:
    """The distances of outputs in the mirror; of velocity the sign."""
    found = said["distances"].copy()
    candles = of_kind(said, OutputKind.CANDLE_CLOSED)
    opened, high, low, closed = (found[candles, i] for i in range(4))
    found[candles, :4] = 2 * MIRROR - np.stack([opened, low, high, closed], axis=1)
    return signed(said, found)


def signed(said: Rows, distances: Floats) -> Floats:
    """The same with every velocity, in bp/s of unlike prices, made its sign."""
    found = distances.copy()
    entries = of_kind(said, OutputKind.INTENT, OutputKind.ADDITION) & (said["code"] == 0)
    runs = of_kind(said, OutputKind.REJECTION_RUN) & (said["code"] == Gate.VELOCITY)
    for rows, column in ((entries, int(Gate.VELOCITY)), (runs, 0)):
        found[rows, column] = np.sign(found[rows, column])
    return found


def assert_outputs_mirrored(one: Rows, other: Rows) -> None:
    """Each says of the opposite side what the other says."""
    shorter = min(len(one), len(other))
    mine, theirs = one[:shorter], other[:shorter]
    for name in EQUAL:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
    np.testing.assert_array_equal(mine["side"], -theirs["side"], err_msg="side")
    prices = np.where(of_kind(mine, *PRICED), MIRROR - mine["price_ticks"], mine["price_ticks"])
    np.testing.assert_array_equal(prices, theirs["price_ticks"], err_msg="price")
    for name in ("mid_half", "last_half"):
        np.testing.assert_array_equal(reflected(mine[name]), theirs[name], err_msg=name)
    counted = ~of_kind(mine, OutputKind.PLAYBOOK_CHANGED)  # their lots are the playbook's hash
    np.testing.assert_array_equal(mine["lots"][counted], theirs["lots"][counted], err_msg="lots")
    np.testing.assert_array_equal(mine["cause"] == 0, theirs["cause"] == 0, err_msg="cause")
    distances = (mirrored_distances(mine), signed(theirs, theirs["distances"]))
    np.testing.assert_allclose(*distances, rtol=1e-9, atol=1e-9, err_msg="distances")
    assert len(one) == len(other)


def assert_results_mirrored(one: Core, other: Core) -> None:
    """Counts are equal, trades differ in their side, and money is the same."""
    for name in COUNTED:
        np.testing.assert_array_equal(one.row["tally"][name], other.row["tally"][name], name)
    for mine, theirs in zip(one.journal.trades, other.journal.trades, strict=True):
        assert (mine.side, mine.lots, mine.reason) == (-theirs.side, theirs.lots, theirs.reason)
        assert [getattr(mine, n) for n in MONEY] == [getattr(theirs, n) for n in MONEY]
    for name in ACCOUNTED:
        assert one.book.account[name] == other.book.account[name], name
    assert day_result(one.book.account) == day_result(other.book.account)


def measured(row: Record, slot: int, frame: int) -> list[float]:
    """Features in the order of `mirrored_measures`."""
    features, candles = row["features"][slot], row["candles"][slot]
    own = candles["frames"][frame]
    return [
        features["price"], features["anchor"], features["start"], micro_price_ticks(features),
        vwap(features), ema9_of(own), ema21_of(own), rsi_of(own),
        features["direction"], imbalance(features), trade_flow(features, candles),
        di_difference_of(own), supertrend_of(own),
        features["streak"], features["regime"], atr_of(own), adx_of(own), own["closed"],
        window_range(features, row["parameters"]["no_trade_zone_window_s"]),
    ]  # fmt: skip


def mirrored_measures(found: list[float], mirror: int) -> list[float]:
    """The same in a mirror of so many ticks: prices and RSI from the other end, signs changed."""
    ends = [2 * mirror, 2 * mirror, 2 * mirror, mirror, 2 * mirror, 2 * mirror, 2 * mirror, 100]
    prices = [end - value for end, value in zip(ends, found[:8], strict=True)]
    return prices + [-value for value in found[8:13]] + found[13:]


def gates_of(core: Core, side: Side, now_ns: int) -> Floats:
    """Distances of all gates that do not know the level of the price."""
    distances = np.zeros(len(Gate))
    explain(core.row, core.book.account, int(side), now_ns, distances)
    return np.delete(distances, PER_PRICE)


@given(seed=st.integers(0, 1_000_000))
def test_decisions_are_mirrored_when_prices_are(seed: int) -> None:
    case = mirror_case(seed)
    one, other = folded(case), folded(mirrored(case))
    assert_outputs_mirrored(one.kept.rows, other.kept.rows)
    assert_results_mirrored(one, other)


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_features_and_gates_are_mirrored_when_prices_are(seed: int) -> None:
    case = mirror_case(seed, 1_500)
    one, other = folded(case), folded(mirrored(case))
    now_ns = int(case.ticks["event_ns"][-1])
    for slot in np.flatnonzero(one.row["features"]["price_set"]).tolist():
        mirror = MIRROR * FINER[slot]
        for frame in range(2):  # beyond them a Supertrend may start on the middle of a candle
            mine, theirs = measured(one.row, slot, frame), measured(other.row, slot, frame)
            meant = mirrored_measures(mine, mirror)
            np.testing.assert_allclose(meant, theirs, rtol=1e-9, atol=1e-9)
    for side in Side:
        gates = gates_of(one, side, now_ns), gates_of(other, Side(-side), now_ns)
        np.testing.assert_allclose(*gates, rtol=1e-9, atol=1e-9)


def test_these_cases_reach_nearly_all_there_is_so_that_the_mirror_means_something() -> None:
    cores = [folded(mirror_case(seed)) for seed in SEEDS]
    said = np.concatenate([core.kept.rows for core in cores])
    intents = said["code"][of_kind(said, OutputKind.INTENT)]
    blocked = sum(core.row["tally"]["rejections"] for core in cores)
    assert set(ExitReason) - {ExitReason.LIQUIDATION, ExitReason.COMMAND} == set(intents.tolist())
    # A distance waits for its ATR only before the first minute is over, when nothing is entered.
    never = {Gate.EXPECTED_MOVE, Gate.RELATIVE_STRENGTH, Gate.VELOCITY, Gate.PLAN}
    assert {gate for gate in Gate if blocked[gate]} == set(Gate) - never
    assert set(OutputKind) - {OutputKind.FUNDING, OutputKind.COMMAND_REFUSED} == set(
        said["kind"].tolist()
    )
