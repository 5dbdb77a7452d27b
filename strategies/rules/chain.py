"""The gates in their order: the first that blocks, or all of them for `why`.

One straight line of calls, because a loop over functions does not compile to direct calls. It is
longer than other functions for that reason alone.
"""

import numpy as np

from domain.arrays import Floats, Record
from domain.enums import Gate, GateMode, WhenMissing
from domain.jit import kernel
from domain.rows.tick import REFERENCE_SLOT
from strategies.rules import gates

PASSED = -1


@kernel
def first_blocking(row: Record, account: Record, side: int, now_ns: int) -> int:
    """The first gate that blocks an entry of `side`, or PASSED.

    Distances of the gates asked are left in the row; the others keep what they were.
    """
    if blocks(row, Gate.HOLD, gates.hold(row, account, side, now_ns)):
        return Gate.HOLD
    if _asked(row, Gate.TRADING_STATE) and blocks(
        row, Gate.TRADING_STATE, gates.trading_state(row, account, side, now_ns)
    ):
        return Gate.TRADING_STATE
    if _asked(row, Gate.SESSION) and blocks(
        row, Gate.SESSION, gates.session(row, account, side, now_ns)
    ):
        return Gate.SESSION
    if _asked(row, Gate.DATA_AGE) and blocks(
        row, Gate.DATA_AGE, gates.data_age(row, account, side, now_ns)
    ):
        return Gate.DATA_AGE
    if _asked(row, Gate.SIDE) and blocks(
        row, Gate.SIDE, gates.allowed_side(row, account, side, now_ns)
    ):
        return Gate.SIDE
    if _asked_of_reference(row, Gate.REFERENCE) and blocks(
        row, Gate.REFERENCE, gates.reference(row, account, side, now_ns)
    ):
        return Gate.REFERENCE
    if _asked(row, Gate.CANDLE) and blocks(
        row, Gate.CANDLE, gates.candle(row, account, side, now_ns)
    ):
        return Gate.CANDLE
    if _asked(row, Gate.MOMENTUM) and blocks(
        row, Gate.MOMENTUM, gates.momentum(row, account, side, now_ns)
    ):
        return Gate.MOMENTUM
    return _rest(row, account, side, now_ns)


@kernel
def first_blocking_addition(row: Record, account: Record, side: int, now_ns: int) -> int:
    """A1: the same for an addition to a position of `side`; nothing is counted."""
    row["adding"] = 1
    gate = first_blocking(row, account, side, now_ns)
    row["adding"] = 0
    return gate


@kernel
def _rest(row: Record, account: Record, side: int, now_ns: int) -> int:
    if _asked(row, Gate.VELOCITY) and blocks(
        row, Gate.VELOCITY, gates.velocity(row, account, side, now_ns)
    ):
        return Gate.VELOCITY
    if _asked_of_reference(row, Gate.RELATIVE_STRENGTH) and blocks(
        row, Gate.RELATIVE_STRENGTH, gates.relative_strength(row, account, side, now_ns)
    ):
        return Gate.RELATIVE_STRENGTH
    if _bias_is_asked(row) and blocks(
        row, Gate.INDEX_BIAS, gates.index_bias(row, account, side, now_ns)
    ):
        return Gate.INDEX_BIAS
    if _asked(row, Gate.REGIME) and blocks(
        row, Gate.REGIME, gates.regime(row, account, side, now_ns)
    ):
        return Gate.REGIME
    if _asked(row, Gate.SPREAD) and blocks(
        row, Gate.SPREAD, gates.spread(row, account, side, now_ns)
    ):
        return Gate.SPREAD
    if _asked(row, Gate.IMBALANCE) and blocks(
        row, Gate.IMBALANCE, gates.imbalance_for_side(row, account, side, now_ns)
    ):
        return Gate.IMBALANCE
    if _asked_when_flat(row, Gate.MIN_MOVE) and blocks(
        row, Gate.MIN_MOVE, gates.min_move(row, account, side, now_ns)
    ):
        return Gate.MIN_MOVE
    if _asked(row, Gate.NO_TRADE_ZONE) and blocks(
        row, Gate.NO_TRADE_ZONE, gates.no_trade_zone(row, account, side, now_ns)
    ):
        return Gate.NO_TRADE_ZONE
    if _asked(row, Gate.EXPECTED_MOVE) and blocks(
        row, Gate.EXPECTED_MOVE, gates.expected_move(row, account, side, now_ns)
    ):
        return Gate.EXPECTED_MOVE
    return _last(row, account, side, now_ns)


@kernel
def _last(row: Record, account: Record, side: int, now_ns: int) -> int:
    if _asked(row, Gate.SMC) and blocks(row, Gate.SMC, gates.smc(row, account, side, now_ns)):
        return Gate.SMC
    if _asked(row, Gate.SCAN_PLAN) and blocks(
        row, Gate.SCAN_PLAN, gates.scan_plan(row, account, side, now_ns)
    ):
        return Gate.SCAN_PLAN
    if _asked(row, Gate.WIN_PROBABILITY) and blocks(
        row, Gate.WIN_PROBABILITY, gates.win_probability(row, account, side, now_ns)
    ):
        return Gate.WIN_PROBABILITY
    if _asked_when_flat(row, Gate.COOL_DOWN) and blocks(
        row, Gate.COOL_DOWN, gates.cool_down(row, account, side, now_ns)
    ):
        return Gate.COOL_DOWN
    if _asked(row, Gate.RATE) and blocks(row, Gate.RATE, gates.rate(row, account, side, now_ns)):
        return Gate.RATE
    if blocks(row, Gate.PLAN, gates.plan(row, account, side, now_ns)):
        return Gate.PLAN
    return PASSED


@kernel
def _asked(row: Record, gate: int) -> bool:
    return bool(row["parameters"]["gate_mode"][gate] != GateMode.OFF)


@kernel
def _asked_when_flat(row: Record, gate: int) -> bool:
    """A1: pauses between trades do not concern an addition."""
    return _asked(row, gate) and bool(row["adding"] == 0)


@kernel
def _asked_of_reference(row: Record, gate: int) -> bool:
    """C8: without a reference such a gate is off."""
    return _asked(row, gate) and bool(row["slot_set"][REFERENCE_SLOT] == 1)


@kernel
def _bias_is_asked(row: Record) -> bool:
    if row["parameters"]["index_bias_source"] == REFERENCE_SLOT:
        return _asked_of_reference(row, Gate.INDEX_BIAS)
    return _asked(row, Gate.INDEX_BIAS)


@kernel
def was_asked(row: Record, gate: int) -> bool:
    """Whether the chain evaluates this gate for this market and playbook."""
    if gate == Gate.REFERENCE or gate == Gate.RELATIVE_STRENGTH:  # noqa: PLR1714  compiles only so
        return _asked_of_reference(row, gate)
    return _bias_is_asked(row) if gate == Gate.INDEX_BIAS else _asked(row, gate)


@kernel
def was_asked_of_addition(row: Record, gate: int) -> bool:
    """Whether an addition had to pass this gate (A1)."""
    pause = gate == Gate.MIN_MOVE or gate == Gate.COOL_DOWN  # noqa: PLR1714  compiles only so
    return was_asked(row, gate) and not pause


@kernel
def blocks(row: Record, gate: int, distance: float) -> bool:
    """Note the distance; True if this answer of `gate` forbids an entry.

    An observing gate that would have blocked is counted and lets pass.
    """
    row["distances"][gate] = distance
    if distance >= 0.0:
        return False
    parameters = row["parameters"]
    if np.isnan(distance) and parameters["gate_when_missing"][gate] == WhenMissing.PASS:
        return False
    if parameters["gate_mode"][gate] == GateMode.OBSERVE:
        row["tally"]["observed"][gate] += 1 - row["adding"]
        return False
    return True


@kernel
def explain(row: Record, account: Record, side: int, now_ns: int, distances: Floats) -> None:
    """Distances of every gate, switched off or not, without stopping at the first that blocks.

    distances  f8[gates], overwritten. The row is not changed.
    """
    distances[Gate.HOLD] = gates.hold(row, account, side, now_ns)
    distances[Gate.TRADING_STATE] = gates.trading_state(row, account, side, now_ns)
    distances[Gate.SESSION] = gates.session(row, account, side, now_ns)
    distances[Gate.DATA_AGE] = gates.data_age(row, account, side, now_ns)
    distances[Gate.SIDE] = gates.allowed_side(row, account, side, now_ns)
    distances[Gate.REFERENCE] = gates.reference(row, account, side, now_ns)
    distances[Gate.CANDLE] = gates.candle(row, account, side, now_ns)
    distances[Gate.MOMENTUM] = gates.momentum(row, account, side, now_ns)
    distances[Gate.VELOCITY] = gates.velocity(row, account, side, now_ns)
    distances[Gate.RELATIVE_STRENGTH] = gates.relative_strength(row, account, side, now_ns)
    distances[Gate.INDEX_BIAS] = gates.index_bias(row, account, side, now_ns)
    distances[Gate.REGIME] = gates.regime(row, account, side, now_ns)
    distances[Gate.SPREAD] = gates.spread(row, account, side, now_ns)
    distances[Gate.IMBALANCE] = gates.imbalance_for_side(row, account, side, now_ns)
    distances[Gate.MIN_MOVE] = gates.min_move(row, account, side, now_ns)
    distances[Gate.NO_TRADE_ZONE] = gates.no_trade_zone(row, account, side, now_ns)
    distances[Gate.EXPECTED_MOVE] = gates.expected_move(row, account, side, now_ns)
    distances[Gate.SMC] = gates.smc(row, account, side, now_ns)
    distances[Gate.SCAN_PLAN] = gates.scan_plan(row, account, side, now_ns)
    distances[Gate.WIN_PROBABILITY] = gates.win_probability(row, account, side, now_ns)
    distances[Gate.COOL_DOWN] = gates.cool_down(row, account, side, now_ns)
    distances[Gate.RATE] = gates.rate(row, account, side, now_ns)
    distances[Gate.PLAN] = gates.plan(row, account, side, now_ns)
