"""What `why` says of the gates is what the chain of gates does, on rows of every kind."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import pytest

from agent.replay.paper_core import PaperCore
from agent.replay.why_gates import GAUGES, Moment, first_failing, gates_told
from domain.arrays import Record
from domain.enums import Gate, GateMode, Side, TradingState, WhenMissing
from random_cases import many_markets
from reporting.why_summary import GateTold
from strategies.rules.chain import PASSED, first_blocking
from why_samples import can_act, market_sets, pieces, settings_of

CLOSE: Final = 1e-9
SEEDS: Final = range(4)
CONFIGURABLE: Final = [gate for gate in Gate if gate not in (Gate.HOLD, Gate.PLAN)]


def moments_of(seed: int) -> list[Moment]:
    """Rows from the midst of a random case, with modes and states at random."""
    rng, case = np.random.default_rng(seed), many_markets(seed, "abcde"[seed], count=1_200)
    paper = PaperCore(settings_of(case), [market.instrument.name for market in case.markets])
    found: list[Moment] = []
    for step in [*market_sets(case), *pieces(case, most=25)]:
        if not isinstance(step, np.ndarray):
            if can_act(paper, step):
                paper.core.apply(step)
            continue
        paper.core.fold(step)
        found.append(_moment(rng, paper, int(rng.integers(3)), int(step["event_ns"][-1])))
    return found


def _moment(rng: np.random.Generator, paper: PaperCore, market: int, now_ns: int) -> Moment:
    row, account = paper.book.rows[market : market + 1].copy()[0], paper.book.accounts.copy()[0]
    modes = [GateMode.ON, GateMode.ON, GateMode.OBSERVE, GateMode.OFF]
    for gate in CONFIGURABLE:
        row["parameters"]["gate_mode"][gate] = rng.choice(modes)
        row["parameters"]["gate_when_missing"][gate] = rng.integers(2)
    if rng.random() < 0.2:
        account["trading_state"] = rng.integers(3)
    side = Side.LONG if rng.random() < 0.5 else Side.SHORT
    return Moment(row, account, side, now_ns + int(rng.integers(0, 2_000_000_000)))


@pytest.fixture(scope="module", params=SEEDS)
def moments(request: pytest.FixtureRequest) -> list[Moment]:
    return moments_of(request.param)


def _chain(moment: Moment) -> str:
    row = moment.row.copy()
    gate = first_blocking(row, moment.account, int(moment.side), moment.now_ns)
    return "" if gate == PASSED else Gate(gate).word


def test_the_first_failing_gate_is_the_one_that_the_chain_stops_at(moments: list[Moment]) -> None:
    told = [first_failing(gates_told(moment)) for moment in moments]
    assert told == [_chain(moment) for moment in moments]
    assert len(set(told)) >= 8


def test_every_gate_has_a_gauge() -> None:
    assert list(GAUGES) == list(Gate)


def _gives_back(told: GateTold) -> bool:
    gauge = GAUGES[Gate[told.gate.upper()]]
    if math.isnan(told.distance) or math.isinf(told.distance):
        return True
    back = gauge.distance(told.value, told.threshold)
    return math.isclose(back, told.distance, rel_tol=CLOSE, abs_tol=CLOSE)


def test_value_and_threshold_give_the_distance_back(moments: list[Moment]) -> None:
    told = [gate for moment in moments for gate in gates_told(moment)]
    assert [gate for gate in told if not _gives_back(gate)] == []
    assert sum(math.isfinite(gate.distance) for gate in told) > len(told) / 2


def test_telling_the_gates_changes_nothing(moments: list[Moment]) -> None:
    before = [moment.row.tobytes() + moment.account.tobytes() for moment in moments]
    for moment in moments:
        gates_told(moment)
    assert [moment.row.tobytes() + moment.account.tobytes() for moment in moments] == before


def _features(moment: Moment) -> Record:
    features: Record = moment.row["features"][0]
    return features


def _streak(moment: Moment) -> float:
    features = _features(moment)
    return float(features["streak"] if features["direction"] == moment.side else 0)


def _entries_of_a_minute(moment: Moment) -> float:
    count = int(moment.row["entry_count"])
    times = moment.row["entry_times_ns"][: min(count, 64)]
    return float((times > moment.now_ns - 60_000_000_000).sum())


def _since_the_binding_pause(moment: Moment) -> float:
    """Whichever it is: the time since one of the three things that call for a pause."""
    names = ("last_entry_ns", "last_flat_ns", "last_loss_ns")
    told = gates_told(moment)[Gate.COOL_DOWN].value
    waits = [(moment.now_ns - int(moment.row[name])) / 1e9 for name in names if moment.row[name]]
    return min(waits, key=lambda each: abs(each - told), default=math.inf)


MEASURED: Final[dict[Gate, Callable[[Moment], float]]] = {
    Gate.MOMENTUM: _streak,
    Gate.DATA_AGE: lambda moment: (
        (max(moment.now_ns, int(moment.account["clock_ns"])) - int(_features(moment)["book_ns"]))
        / 1e9
    ),
    Gate.SPREAD: lambda moment: float(
        _features(moment)["ask_ticks"] - _features(moment)["bid_ticks"]
    ),
    Gate.RATE: _entries_of_a_minute,
    Gate.MIN_MOVE: lambda moment: (
        abs(float(_features(moment)["price"]) - float(moment.row["last_exit_half"])) / 2.0
    ),
    Gate.SMC: lambda moment: float(moment.side * moment.row["context_smc_bias"]),
    Gate.COOL_DOWN: _since_the_binding_pause,
}


@pytest.mark.parametrize("gate", MEASURED)
def test_the_value_is_what_was_measured(gate: Gate, moments: list[Moment]) -> None:
    told = [(gates_told(moment)[gate], MEASURED[gate](moment)) for moment in moments]
    finite = [(each.value, value) for each, value in told if math.isfinite(each.distance)]
    assert [value for value, _ in finite] == pytest.approx([value for _, value in finite])


def _moment_of(moments: list[Moment]) -> Moment:
    return next(each for each in moments if each.account["trading_state"] == TradingState.ACTIVE)


@pytest.mark.parametrize(
    ("mode", "missing", "verdict"),
    [
        (GateMode.ON, WhenMissing.BLOCK, "not_ready"),
        (GateMode.ON, WhenMissing.PASS, "missing_passes"),
        (GateMode.OBSERVE, WhenMissing.BLOCK, "missing_observed"),
        (GateMode.OBSERVE, WhenMissing.PASS, "missing_passes"),
        (GateMode.OFF, WhenMissing.BLOCK, "off"),
    ],
)
def test_a_gate_without_its_input_is_told_by_its_mode(
    mode: GateMode, missing: WhenMissing, verdict: str, moments: list[Moment]
) -> None:
    moment = _moment_of(moments)
    moment.row["context_until_ns"] = 0
    moment.row["parameters"]["gate_mode"][Gate.SMC] = mode
    moment.row["parameters"]["gate_when_missing"][Gate.SMC] = missing
    assert gates_told(moment)[Gate.SMC].verdict == verdict
