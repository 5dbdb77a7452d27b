"""Every gate at one moment: value, threshold and distance (docs/rules.md, section 3).

`GAUGES` holds of each gate its threshold, from the market's row, and which way it counts. The value
follows from threshold and distance, so that the three can never disagree.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Record
from domain.enums import (
    AllowedRegimes,
    AllowedSides,
    BiasMode,
    ExitReason,
    Gate,
    GateMode,
    Regime,
    Side,
    TradingState,
    WhenMissing,
    Word,
)
from reporting.why_summary import GateTold
from strategies.features.distances import resolve
from strategies.rules.chain import explain, was_asked
from strategies.rules.gates import loses, round_trip_cost_bps

_BLOCKING: Final = ("blocks", "not_ready")


class Moment(msgspec.Struct, frozen=True):
    """What gates are asked with: the market and the account as they stood at a tick."""

    row: Record
    account: Record
    side: Side
    now_ns: int


class Gauge(msgspec.Struct, frozen=True):
    """How one gate measures: `threshold(moment)` in `unit`, to be reached or not exceeded."""

    unit: str
    threshold: Callable[[Moment], float]
    at_least: bool = True

    def value(self, threshold: float, distance: float) -> float:
        """What was measured, so that threshold and value give the distance back."""
        return threshold + distance if self.at_least else threshold - distance

    def distance(self, value: float, threshold: float) -> float:
        """The rules' distance."""
        return value - threshold if self.at_least else threshold - value


def gates_told(moment: Moment) -> list[GateTold]:
    """Every gate in its order, those that are off too. Nothing of the moment is changed."""
    distances = np.zeros(len(Gate))
    explain(moment.row, moment.account, int(moment.side), moment.now_ns, distances)
    return [_told(moment, gate, float(distances[gate])) for gate in Gate]


def first_failing(gates: list[GateTold]) -> str:
    """The first gate that blocks, or ""."""
    return next((each.gate for each in gates if each.verdict in _BLOCKING), "")


def _told(moment: Moment, gate: Gate, distance: float) -> GateTold:
    gauge, parameters = GAUGES[gate], moment.row["parameters"]
    threshold = gauge.threshold(moment)
    asked = bool(was_asked(moment.row, int(gate)))  # an enum's type costs 0.2 ms
    mode = GateMode(int(parameters["gate_mode"][gate])) if asked else GateMode.OFF
    passes = bool(parameters["gate_when_missing"][gate] == WhenMissing.PASS)
    shown, wanted = _WORDS[gate](moment) if gate in _WORDS else ("", "")
    return GateTold(
        gate=gate.word,
        mode=mode.word,
        verdict=_verdict(mode, distance, missing_passes=passes),
        unit=gauge.unit,
        at_least=gauge.at_least,
        value=gauge.value(threshold, distance),
        threshold=threshold,
        distance=distance,
        shown=shown,
        asked=wanted,
    )


def _verdict(mode: GateMode, distance: float, *, missing_passes: bool) -> str:
    if mode is GateMode.OFF:
        return "off"
    if distance >= 0.0:
        return "passes"
    if math.isnan(distance) and missing_passes:
        return "missing_passes"
    if mode is GateMode.OBSERVE:
        return "missing_observed" if math.isnan(distance) else "observed"
    return "not_ready" if math.isnan(distance) else "blocks"


def _nothing(_: Moment) -> float:
    return 0.0


def _parameter(name: str) -> Callable[[Moment], float]:
    return lambda moment: float(moment.row["parameters"][name])


def _momentum(moment: Moment) -> float:
    """G7."""
    row, parameters = moment.row, moment.row["parameters"]
    required = int(parameters["momentum_streak"])
    if row["features"][0]["regime"] == Regime.RANGING:
        required += int(parameters["momentum_ranging_penalty"])
    return float(required + (int(parameters["momentum_loss_penalty"]) if loses(row) else 0))


def _index_bias(moment: Moment) -> float:
    """G10: a filter passes until the score is a bias against the side."""
    parameters = moment.row["parameters"]
    score = float(parameters["index_bias_min_score"])
    return score if parameters["index_bias_bias"] == BiasMode.STRONG else 1.0 - score


def _resolved(name: str, price: Callable[[Record], float]) -> Callable[[Moment], float]:
    """Ticks of a distance at a price in half-ticks."""

    def threshold(moment: Moment) -> float:
        row = moment.row
        at = price(row["features"][0])
        return float(resolve(row["parameters"][name], at, row["candles"][0])) / 2.0

    return threshold


def _mid(features: Record) -> float:
    return float(features["bid_ticks"] + features["ask_ticks"])


def _price(features: Record) -> float:
    return float(features["price"])


def _expected_move(moment: Moment) -> float:
    """G16, G26."""
    return float(moment.row["parameters"]["expected_move_k"] * round_trip_cost_bps(moment.row))


def _cool_down(moment: Moment) -> float:
    """G20: the pause that ends last; 0 where nothing has happened yet."""
    left = [(then + round(pause * 1e9), pause) for then, pause in _pauses(moment) if then > 0]
    return max(left)[1] if left else 0.0


def _pauses(moment: Moment) -> Iterator[tuple[int, float]]:
    """When each thing that calls for a pause happened, 0: never, and how long it is."""
    row, now_ns = moment.row, moment.now_ns
    pause = {name: float(row["parameters"][f"cool_down_{name}"]) for name in _PAUSES}
    flat_ns = int(row["last_flat_ns"])
    yield int(row["last_entry_ns"]), pause["min_gap_s"]
    if row["last_reason"] == ExitReason.FLIP and moment.side == -row["last_side"]:
        yield flat_ns, float(row["parameters"]["exit_flip_cool_down_s"])
        return
    window_s = pause["re_entry_window_s"]
    again = window_s > 0.0 and row["last_won"] == 1 and (now_ns - flat_ns) / 1e9 <= window_s
    yield flat_ns, pause["re_entry_gap_s"] if again else pause["after_exit_s"]
    after_loss = pause["after_loss_s"]
    longer = max(after_loss, pause["after_loss_streak_s"]) if loses(row) else after_loss
    yield int(row["last_loss_ns"]), longer


_PAUSES: Final = (
    "min_gap_s", "after_exit_s", "after_loss_s", "re_entry_window_s", "re_entry_gap_s",
    "after_loss_streak_s",
)  # fmt: skip


GAUGES: Final[Mapping[Gate, Gauge]] = MappingProxyType(
    {
        Gate.HOLD: Gauge("s", _nothing, at_least=False),
        Gate.TRADING_STATE: Gauge("", _nothing),
        Gate.SESSION: Gauge("s", _nothing),
        Gate.DATA_AGE: Gauge("s", _parameter("data_age_max_s"), at_least=False),
        Gate.SIDE: Gauge("", _nothing),
        Gate.REFERENCE: Gauge("moves", _parameter("reference_streak")),
        Gate.CANDLE: Gauge("ticks", _parameter("candle_margin_ticks")),
        Gate.MOMENTUM: Gauge("moves", _momentum),
        Gate.VELOCITY: Gauge("bp/s", _parameter("velocity_min_bps_per_s")),
        Gate.RELATIVE_STRENGTH: Gauge("bp", _parameter("relative_strength_min_bps")),
        Gate.INDEX_BIAS: Gauge("votes", _index_bias),
        Gate.REGIME: Gauge("", _nothing),
        Gate.SPREAD: Gauge("ticks", _resolved("spread_max", _mid), at_least=False),
        Gate.IMBALANCE: Gauge("", _parameter("imbalance_min")),
        Gate.MIN_MOVE: Gauge("ticks", _resolved("min_move_min", _price)),
        Gate.NO_TRADE_ZONE: Gauge("ticks", _resolved("no_trade_zone_min_range", _price)),
        Gate.EXPECTED_MOVE: Gauge("bp", _expected_move),
        Gate.SMC: Gauge("", _parameter("smc_min_bias")),
        Gate.SCAN_PLAN: Gauge("", lambda _: 0.5),
        Gate.WIN_PROBABILITY: Gauge("", _parameter("win_probability_min")),
        Gate.COOL_DOWN: Gauge("s", _cool_down),
        Gate.RATE: Gauge(
            "entries",
            lambda moment: float(moment.row["parameters"]["rate_max_per_minute"]) - 1.0,
            at_least=False,
        ),
        Gate.PLAN: Gauge("", _nothing),
    }
)


def _word(word: Word) -> str:
    return word.word.replace("_", " ")


def _session_words(moment: Moment) -> tuple[str, str]:
    row = moment.row
    if row["session_close_ns"] == 0:
        return "always open", "open"
    if moment.now_ns < row["session_open_ns"]:
        return "not open yet", "open"
    return ("open" if moment.now_ns <= row["session_cut_off_ns"] else "cut off"), "open"


def _side_words(moment: Moment) -> tuple[str, str]:
    allowed = AllowedSides(int(moment.row["parameters"]["entry_sides"]))
    only_long = moment.row["shortable"] == 0
    if allowed is AllowedSides.BOTH:
        return _word(moment.side), "long" if only_long else "either"
    nothing = only_long and allowed is AllowedSides.SHORT
    return _word(moment.side), "none" if nothing else _word(allowed)


# Where a number says nothing to people: what was found, and what is asked for.
_WORDS: Final[Mapping[Gate, Callable[[Moment], tuple[str, str]]]] = MappingProxyType(
    {
        Gate.TRADING_STATE: lambda moment: (
            _word(TradingState(int(moment.account["trading_state"]))), _word(TradingState.ACTIVE)
        ),
        Gate.SESSION: _session_words,
        Gate.SIDE: _side_words,
        Gate.REGIME: lambda moment: (
            _word(Regime(int(moment.row["features"][0]["regime"]))),
            _word(AllowedRegimes(int(moment.row["parameters"]["regime_allowed"]))),
        ),
    }
)  # fmt: skip
