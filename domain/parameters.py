"""The one table of tunables.

Each stands here once, with what anybody needs to know of it. The parameter record of the compiled
core, the schema of playbook files, the bounds for tuners and the table in docs/playbooks.md derive
from it, so that they cannot disagree.
"""

from enum import StrEnum
from typing import Final

import msgspec

from domain.distances import Distance, parse_distance
from domain.enums import (
    AllowedRegimes,
    AllowedSides,
    AveragingMode,
    BiasMode,
    BiasSource,
    CandleReference,
    EntryStyle,
    Gate,
    GateMode,
    SizeMode,
    Switch,
    TimeGuard,
    WhenMissing,
    Word,
)
from domain.frames import frame_index

Value = int | float | Distance  # choices, frames and times are held as their number
TIME_OFF: Final = -1  # a time of day that never comes; others are minutes since midnight (C9)


class Kind(StrEnum):
    """How a parameter's value is written."""

    INTEGER = "integer"
    NUMBER = "number"
    CHOICE = "choice"
    FRAME = "frame"
    DISTANCE = "distance"
    TIME = "time"


class Safer(StrEnum):
    """Which direction of change takes less risk; NEITHER where that depends."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Bounds(msgspec.Struct, frozen=True):
    """Lowest and highest value, and the smallest change worth making."""

    lower: float
    upper: float
    step: float


class Parameter(msgspec.Struct, frozen=True):
    """One tunable: where it stands in a playbook file, and all that is known of it.

    `bounds` is None for choices, frames and distances; a distance has the bounds of its unit.
    """

    section: str
    name: str
    kind: Kind
    unit: str
    default: Value
    bounds: Bounds | None
    safer: Safer
    choices: type[Word] | None
    sentence: str

    @property
    def path(self) -> str:
        """Where it stands in a playbook file, e.g. `gates.momentum.streak`."""
        return f"{self.section}.{self.name}"

    @property
    def field(self) -> str:
        """Its field in the parameter record, e.g. `momentum_streak`."""
        section = self.section.removeprefix("gates.").removeprefix("smc.")
        return f"{section}_{self.name}"


def _number(
    path: str,
    unit: str,
    default: float,
    bounds: tuple[float, float, float],
    safer: Safer,
    text: str,
) -> Parameter:
    section, _, name = path.rpartition(".")
    kind = Kind.INTEGER if isinstance(default, int) else Kind.NUMBER
    return Parameter(section, name, kind, unit, default, Bounds(*bounds), safer, None, text)


def _distance(path: str, default: str, safer: Safer, text: str) -> Parameter:
    section, _, name = path.rpartition(".")
    value = parse_distance(default)
    return Parameter(section, name, Kind.DISTANCE, "distance", value, None, safer, None, text)


def _choice(path: str, default: Word, text: str) -> Parameter:
    section, _, name = path.rpartition(".")
    kind, words = Kind.CHOICE, type(default)
    return Parameter(section, name, kind, "choice", int(default), None, Safer.NEITHER, words, text)


def _frame(path: str, default: str, text: str) -> Parameter:
    section, _, name = path.rpartition(".")
    kind, value = Kind.FRAME, frame_index(default)
    return Parameter(section, name, kind, "frame", value, None, Safer.NEITHER, None, text)


def _time(path: str, text: str) -> Parameter:
    section, _, name = path.rpartition(".")
    kind = Kind.TIME
    return Parameter(section, name, kind, "HH:MM", TIME_OFF, None, Safer.NEITHER, None, text)


HIGHER, LOWER, NEITHER = Safer.HIGHER, Safer.LOWER, Safer.NEITHER

_ENTRY: Final = (
    _choice("entry.sides", AllowedSides.BOTH, "Sides that may be entered."),
    _choice("entry.style", EntryStyle.MARKETABLE, "Cross the spread at once, or rest at the own side's quote."),
    _distance("entry.limit_offset", "max(1bp, 1tick)", LOWER, "How far beyond the opposite quote a marketable entry may pay."),
    _number("entry.resting_life_s", "s", 2.0, (0.1, 300.0, 0.1), LOWER, "How long a resting entry waits before it is cancelled."),
)  # fmt: skip

_EXIT: Final = (
    _distance("exit.stop", "max(8bp, 3tick)", LOWER, "Hard stop, from the average fill."),
    _distance("exit.target", "max(12bp, 4tick)", NEITHER, "Take profit, from the average fill; off means none."),
    _time("exit.period_1_from", "Time of day from which on the next two stand for stop and target; of several periods the latest begun counts."),
    _distance("exit.period_1_stop", "max(8bp, 3tick)", LOWER, "Hard stop of entries in this period."),
    _distance("exit.period_1_target", "max(12bp, 4tick)", NEITHER, "Take profit of entries in this period; off means none."),
    _time("exit.period_2_from", "The same for a second period."),
    _distance("exit.period_2_stop", "max(8bp, 3tick)", LOWER, "Hard stop of entries in this period."),
    _distance("exit.period_2_target", "max(12bp, 4tick)", NEITHER, "Take profit of entries in this period; off means none."),
    _time("exit.period_3_from", "The same for a third period."),
    _distance("exit.period_3_stop", "max(8bp, 3tick)", LOWER, "Hard stop of entries in this period."),
    _distance("exit.period_3_target", "max(12bp, 4tick)", NEITHER, "Take profit of entries in this period; off means none."),
    _distance("exit.break_even_trigger", "max(6bp, 2tick)", NEITHER, "Gain at which the stop moves to the average fill; off means never."),
    _distance("exit.break_even_offset", "0tick", NEITHER, "How far beyond the average fill that stop is put."),
    _distance("exit.offset_trigger", "off", NEITHER, "Gain at which the stop moves beyond the average fill; off means never."),
    _distance("exit.offset_gain", "max(3bp, 1tick)", NEITHER, "How far beyond."),
    _distance("exit.lock_trigger", "off", NEITHER, "Best gain from which on a share of it is locked in by the stop; off means never."),
    _number("exit.lock_share", "ratio", 0.5, (0.0, 1.0, 0.05), HIGHER, "That share of the best gain."),
    _distance("exit.trail_trigger", "max(8bp, 3tick)", NEITHER, "Gain at which the stop starts to trail; off means never."),
    _distance("exit.trail_distance", "max(4bp, 2tick)", NEITHER, "How far behind the exit-side quote the stop trails."),
    _distance("exit.tight_trigger", "off", NEITHER, "Gain from which on the stop trails at the next distance instead; off means never."),
    _distance("exit.tight_distance", "max(2bp, 1tick)", NEITHER, "How far behind it trails then."),
    _distance("exit.fast_move", "off", NEITHER, "Move in the position's favour within the next time at which a stop that trails does so at the distance after it; off means never."),
    _number("exit.fast_window_s", "s", 8, (1, 60, 1), NEITHER, "Time over which that move is taken."),
    _distance("exit.fast_distance", "max(1bp, 1tick)", NEITHER, "How far behind it trails in a fast move."),
    _distance("exit.trail_step", "1tick", NEITHER, "Smallest improvement for which the stop is moved."),
    _number("exit.max_hold_s", "s", 60.0, (0.1, 86_400.0, 0.1), LOWER, "Time guard: a position is closed after this time."),
    _choice("exit.time_guard", TimeGuard.LEAVE, "Leave after that time, or tighten: leave what gained unless momentum is with it, and let the stop of the rest follow closely."),
    _distance("exit.tighten_distance", "max(1bp, 1tick)", LOWER, "How far behind the exit-side quote the stop follows then."),
    _number("exit.time_guard_extra_s", "s", 60.0, (0.1, 86_400.0, 0.1), LOWER, "How much longer a position may be held so at most."),
    _distance("exit.partial_trigger", "off", NEITHER, "Gain at which a part of the position is closed, once; off means never."),
    _number("exit.partial_share", "ratio", 0.5, (0.01, 0.99, 0.01), NEITHER, "That part; rounded down to whole lots."),
    _choice("exit.flip", Switch.OFF, "Leave a position when the other side has the momentum that an entry of it would need."),
    _number("exit.flip_cool_down_s", "s", 5.0, (0.0, 600.0, 0.5), HIGHER, "Pause before the other side may then be entered, in place of those after an exit and a loss."),
    _number("exit.flip_streak", "moves", 4, (0, 50, 1), LOWER, "Opposite streak that closes the position; 0 means never."),
    _number("exit.min_hold_s", "s", 3.0, (0.0, 600.0, 0.1), NEITHER, "Neither flip is acted on before this time."),
    _number("exit.stall_s", "s", 30.0, (0.1, 3600.0, 0.1), LOWER, "A position is closed when its market has been silent for so long."),
    _number("exit.session_end_s", "s", 60.0, (1.0, 7200.0, 1.0), HIGHER, "A position is closed so long before the session ends."),
    _distance("exit.limit_offset", "max(2bp, 2tick)", HIGHER, "How far beyond the exit-side quote an exit may pay at its first attempt; doubles with each."),
    _number("exit.resend_s", "s", 1.0, (0.05, 30.0, 0.05), LOWER, "How long an exit works before a new attempt with a wider limit."),
)  # fmt: skip

_AVERAGING: Final = (
    _choice("averaging.mode", AveragingMode.OFF, "Add to a position never, only while it gains, or down to a loss budget."),
    _number("averaging.window_s", "s", 12.0, (0.1, 3600.0, 0.1), LOWER, "Time since the first fill within which it is added to."),
    _number("averaging.interval_s", "s", 4.0, (0.1, 3600.0, 0.1), HIGHER, "Least time since the first fill and between additions."),
    _number("averaging.multiple", "standard lots", 0.5, (0.01, 1000.0, 0.01), LOWER, "Size of an addition in multiples of the instrument's standard lots; rounded down."),
    _number("averaging.max_multiple", "standard lots", 2.0, (0.01, 1000.0, 0.01), LOWER, "Largest position that additions may make."),
    _number("averaging.max_additions", "additions", 2, (1, 20, 1), LOWER, "Most additions to one position."),
    _distance("averaging.loss_budget", "max(4bp, 2tick)", LOWER, "Loss from the average fill down to which mode loss_budget adds."),
)  # fmt: skip

_SIZE: Final = (
    _choice("size.mode", SizeMode.FIXED, "A fixed size, a fixed fraction of equity at risk, or a size that shrinks with volatility."),
    _number("size.multiple", "standard lots", 1.0, (0.01, 1000.0, 0.01), LOWER, "Entry size in multiples of the instrument's standard lots; rounded down."),
    _number("size.risk_fraction", "ratio", 0.0005, (0.00001, 0.05, 0.00001), LOWER, "Share of equity that mode risk loses at the stop, fees included."),
    _number("size.target_volatility_bps", "bp", 0.5, (0.01, 100.0, 0.01), LOWER, "Volatility per square root of a second at which mode volatility takes the whole multiple."),
    _number("size.max_multiple", "standard lots", 2.0, (0.01, 1000.0, 0.01), LOWER, "Largest entry of the modes risk and volatility."),
)  # fmt: skip

_GATES: Final = (
    _number("gates.data_age.max_s", "s", 3.0, (0.01, 600.0, 0.01), LOWER, "Oldest quote on which a position may be opened."),
    _distance("gates.reference.min_move", "0.5bp", HIGHER, "Move of the reference that counts as one of its streak."),
    _number("gates.reference.streak", "moves", 2, (1, 50, 1), HIGHER, "Moves of the reference in the side's direction."),
    _number("gates.reference.max_age_s", "s", 5.0, (0.01, 600.0, 0.01), LOWER, "Oldest price of the reference that is believed, by this gate and every other that asks it."),
    _frame("gates.candle.frame", "15s", "Frame whose last closed candle must agree with the side."),
    _choice("gates.candle.reference", CandleReference.EMA9, "What its close must lie beyond."),
    _number("gates.candle.margin_ticks", "ticks", 0.5, (0.0, 1000.0, 0.5), HIGHER, "By how much at least."),
    _distance("gates.momentum.min_move", "max(0.5bp, 1tick)", HIGHER, "Move that counts as one of a streak, measured from the last that counted."),
    _number("gates.momentum.streak", "moves", 4, (1, 50, 1), HIGHER, "Moves in one direction that make momentum."),
    _number("gates.momentum.ranging_penalty", "moves", 0, (0, 20, 1), HIGHER, "Moves more that are asked for while the regime is ranging."),
    _number("gates.momentum.loss_streak", "trades", 0, (0, 20, 1), NEITHER, "Losing trades in a row from which on more is asked for; 0 means never."),
    _number("gates.momentum.loss_penalty", "moves", 2, (0, 20, 1), HIGHER, "Moves more that are then asked for."),
    _number("gates.velocity.min_bps_per_s", "bp/s", 0.2, (0.0, 100.0, 0.05), HIGHER, "Slowest streak that counts, from its start to now."),
    _number("gates.relative_strength.window_s", "s", 10, (1, 60, 1), NEITHER, "Time over which the market's move is compared with the reference's."),
    _number("gates.relative_strength.min_bps", "bp", 0.5, (-100.0, 100.0, 0.1), HIGHER, "Least lead of the market over the reference in the side's direction."),
    _choice("gates.index_bias.source", BiasSource.REFERENCE, "Whose candles vote."),
    _frame("gates.index_bias.frame", "1m", "Frame of the candles that vote."),
    _choice("gates.index_bias.bias", BiasMode.FILTER, "Filter blocks the side against the bias only; strong wants the bias on the side."),
    _number("gates.index_bias.min_score", "votes", 2, (1, 5, 1), NEITHER, "Votes that make a bias, of five."),
    _number("gates.index_bias.rsi_bull", "points", 55.0, (50.0, 100.0, 0.5), NEITHER, "RSI from which on it votes for LONG."),
    _number("gates.index_bias.rsi_bear", "points", 45.0, (0.0, 50.0, 0.5), NEITHER, "RSI up to which it votes for SHORT."),
    _number("gates.index_bias.adx_min", "points", 18.0, (0.0, 100.0, 0.5), HIGHER, "ADX below which it does not vote."),
    _number("gates.index_bias.vwap_buffer_bps", "bp", 0.0, (0.0, 100.0, 0.1), HIGHER, "Distance from VWAP within which it does not vote."),
    _choice("gates.regime.allowed", AllowedRegimes.TRENDING_OR_VOLATILE, "Regimes in which positions may be opened."),
    _distance("gates.spread.max", "max(2bp, 1tick)", LOWER, "Widest spread at which a position may be opened."),
    _number("gates.imbalance.min", "ratio", 0.29, (-1.0, 1.0, 0.01), HIGHER, "Least surplus of size on the side's own quote, (own - other) / both; 0.29 is 1.8 to 1."),
    _distance("gates.min_move.min", "max(2bp, 1tick)", HIGHER, "Least distance of the price from the last exit."),
    _number("gates.no_trade_zone.window_s", "s", 30, (1, 60, 1), NEITHER, "Time over which the range is taken."),
    _distance("gates.no_trade_zone.min_range", "max(3bp, 3tick)", HIGHER, "Smallest range in which a position may be opened."),
    _number("gates.expected_move.k", "x", 1.5, (0.0, 20.0, 0.1), HIGHER, "Expected move must be so many times the cost of a round trip."),
    _number("gates.expected_move.horizon_s", "s", 60.0, (1.0, 3600.0, 1.0), LOWER, "Time for which the move is expected, by volatility x square root of time."),
    _number("gates.smc.min_bias", "bias", 0.0, (-1.0, 1.0, 0.05), HIGHER, "Least bias of the Smart Money context in the side's direction."),
    _number("gates.win_probability.min", "ratio", 0.5, (0.0, 1.0, 0.01), HIGHER, "Least probability of a win that a model gives the side."),
    _number("gates.cool_down.after_exit_s", "s", 5.0, (0.0, 3600.0, 0.5), HIGHER, "Pause after any exit."),
    _number("gates.cool_down.after_loss_s", "s", 25.0, (0.0, 7200.0, 0.5), HIGHER, "Pause after a trade that lost, net of costs."),
    _number("gates.cool_down.min_gap_s", "s", 3.0, (0.0, 3600.0, 0.5), HIGHER, "Least time between two entries."),
    _number("gates.cool_down.after_loss_streak_s", "s", 0.0, (0.0, 7200.0, 1.0), HIGHER, "Pause after a loss while the loss streak of gates.momentum holds, if that is longer."),
    _number("gates.cool_down.re_entry_window_s", "s", 0.0, (0.0, 600.0, 0.5), LOWER, "So long after a winning trade the pause after an exit is the one below; 0 means never."),
    _number("gates.cool_down.re_entry_gap_s", "s", 1.0, (0.0, 600.0, 0.5), HIGHER, "Pause after a winning trade inside that window."),
    _number("gates.rate.max_per_minute", "entries", 10, (1, 60, 1), LOWER, "Most entries in any 60 seconds."),
)  # fmt: skip

_REGIME: Final = (
    _number("regime.quiet_bps", "bp", 2.0, (0.0, 100.0, 0.1), NEITHER, "Range of a minute below which a market is quiet."),
    _number("regime.volatile_bps", "bp", 15.0, (0.0, 1000.0, 0.5), NEITHER, "Range of a minute from which on a market without direction is volatile."),
    _number("regime.trend_directionality", "ratio", 0.3, (0.0, 1.0, 0.01), NEITHER, "Surplus of rising or falling seconds from which on a market is trending."),
    _number("regime.confirm", "candles", 3, (1, 60, 1), NEITHER, "Seconds in a row that must say so before a regime changes."),
)  # fmt: skip

# Gates a playbook may switch, with the mode they have where it says nothing. HOLD and PLAN are
# no opinions but states of the core, so they are always on.
GATE_DEFAULTS: Final = {
    Gate.TRADING_STATE: GateMode.ON,
    Gate.SESSION: GateMode.ON,
    Gate.DATA_AGE: GateMode.ON,
    Gate.SIDE: GateMode.ON,
    Gate.REFERENCE: GateMode.OFF,
    Gate.CANDLE: GateMode.ON,
    Gate.MOMENTUM: GateMode.ON,
    Gate.VELOCITY: GateMode.ON,
    Gate.RELATIVE_STRENGTH: GateMode.OFF,
    Gate.INDEX_BIAS: GateMode.OFF,
    Gate.REGIME: GateMode.OFF,
    Gate.SPREAD: GateMode.ON,
    Gate.IMBALANCE: GateMode.OFF,
    Gate.MIN_MOVE: GateMode.ON,
    Gate.NO_TRADE_ZONE: GateMode.ON,
    Gate.EXPECTED_MOVE: GateMode.ON,
    Gate.SMC: GateMode.OFF,
    Gate.SCAN_PLAN: GateMode.OFF,
    Gate.WIN_PROBABILITY: GateMode.OFF,
    Gate.COOL_DOWN: GateMode.ON,
    Gate.RATE: GateMode.ON,
}

WHEN_MISSING_DEFAULT: Final = WhenMissing.BLOCK

PARAMETERS: Final = _ENTRY + _EXIT + _AVERAGING + _SIZE + _REGIME + _GATES
BY_PATH: Final = {parameter.path: parameter for parameter in PARAMETERS}

# What the Smart Money detectors go by (docs/smc.md). These stand in files of their own, config/smc/:
# no playbook's content, and so no playbook's hash, depends on them.
SMC_PARAMETERS: Final = (
    _number("smc.swing.length", "candles", 7, (1, 50, 1), NEITHER, "Candles after a swing, and with its own before it, that it must not be exceeded in; scaled by the frame."),
    _number("smc.structure.break_atr", "ATR", 0.4, (0.0, 5.0, 0.05), HIGHER, "How far beyond a swing a candle must close to break it."),
    _number("smc.gap.min_atr", "ATR", 0.2, (0.0, 5.0, 0.05), HIGHER, "Smallest fair-value gap."),
    _choice("smc.gap.join", Switch.OFF, "Make one gap of gaps of one side on candles in a row."),
    _number("smc.block.wick_ratio", "x", 1.5, (0.0, 20.0, 0.1), HIGHER, "Least wick of a rejection, in bodies of its candle."),
    _number("smc.block.body_atr", "ATR", 0.05, (0.0, 5.0, 0.01), HIGHER, "Least body of a rejection."),
    _number("smc.block.engulf_atr", "ATR", 1.2, (0.0, 10.0, 0.1), HIGHER, "Least body of a candle that engulfs the one before it."),
    _number("smc.block.displacement_atr", "ATR", 2.7, (0.0, 20.0, 0.1), HIGHER, "How far price must leave a rejection or an engulfed candle to make it a block."),
    _number("smc.block.window", "candles", 5, (1, 60, 1), LOWER, "How many candles it has for that; scaled by the frame."),
    _number("smc.block.mitigated_share", "ratio", 0.85, (0.0, 1.0, 0.05), LOWER, "Share of its height that price must have gone into a block to have mitigated it."),
    _number("smc.pool.tolerance_atr", "ATR", 0.3, (0.0, 5.0, 0.05), LOWER, "How far from the first of them others of equal highs or lows may lie; scaled by the frame."),
    _number("smc.pool.touches", "swings", 2, (2, 10, 1), HIGHER, "Fewest equal highs or lows that make a pool; the frame may ask for more."),
    _number("smc.sweep.penetration_atr", "ATR", 0.3, (0.0, 5.0, 0.05), HIGHER, "How far a sweep must go beyond a swing."),
    _number("smc.sweep.wick_atr", "ATR", 0.15, (0.0, 5.0, 0.05), HIGHER, "Least wick of a sweep's candle."),
    _number("smc.sweep.level_age", "candles", 10, (1, 200, 1), HIGHER, "Fewest candles between a swing and its sweep."),
    _number("smc.sweep.range_bars", "candles", 50, (2, 200, 1), NEITHER, "Candles whose range says whether a swing lies outside."),
    _number("smc.sweep.outer_share", "ratio", 0.35, (0.0, 1.0, 0.05), LOWER, "Share of that range, at its edge, in which a swept swing must lie."),
    _number("smc.sweep.reversal_atr", "ATR", 1.2, (0.0, 10.0, 0.1), HIGHER, "How far price must come back from a sweep to confirm it."),
    _number("smc.sweep.candles", "candles", 4, (1, 50, 1), LOWER, "How many candles it has for that."),
    _number("smc.range.band", "ratio", 0.05, (0.0, 1.0, 0.01), NEITHER, "Half of the width around the middle of the dealing range, in halves of the range, that is equilibrium."),
    _number("smc.levels.day_start_hour", "h", 0, (0, 23, 1), NEITHER, "Hour of New York at which a day begins; from 13 on it belongs to the next date, as the 17 of foreign exchange does."),
    _number("smc.levels.hours", "h", 4, (1, 12, 1), NEITHER, "Hours of the period whose high and low are kept beside those of day and week."),
)  # fmt: skip

SMC_BY_PATH: Final = {parameter.path: parameter for parameter in SMC_PARAMETERS}


class FrameScale(msgspec.Struct, frozen=True):
    """How candles of at least `seconds` change the parameters that say "scaled by the frame".

    candles    factor of counts of candles, rounded half up and kept within their bounds.
    tolerance  factor of the tolerance of equal highs and lows.
    touches    fewest equal highs or lows.
    """

    seconds: int
    candles: float
    tolerance: float
    touches: int


# From the shortest frame on; a frame has the last row that is not longer than it.
SMC_SCALES: Final = (
    FrameScale(1, 3.0, 0.4, 5),
    FrameScale(300, 2.5, 0.5, 4),
    FrameScale(900, 2.0, 0.75, 3),
    FrameScale(1_800, 1.5, 0.75, 3),
    FrameScale(3_600, 1.3, 1.0, 3),
    FrameScale(14_400, 1.0, 1.25, 2),
    FrameScale(86_400, 0.7, 1.5, 2),
    FrameScale(604_800, 0.5, 2.0, 2),
)


class SessionTime(msgspec.Struct, frozen=True):
    """A session or kill zone by the clock of New York, minutes since midnight.

    One that ends before it starts ends on the next day.
    """

    name: str
    start: int
    end: int


SMC_SESSIONS: Final = (
    SessionTime("asian", 19 * 60, 4 * 60),
    SessionTime("london", 2 * 60, 12 * 60),
    SessionTime("new_york", 7 * 60, 17 * 60),
    SessionTime("overlap", 7 * 60, 12 * 60),
    SessionTime("asian_kill_zone", 19 * 60, 22 * 60),
    SessionTime("london_kill_zone", 2 * 60, 5 * 60),
    SessionTime("new_york_kill_zone", 7 * 60, 10 * 60),
    SessionTime("london_close", 11 * 60, 12 * 60),
)

RETRACEMENT_SHARES: Final = (0.382, 0.5, 0.618, 0.786)
