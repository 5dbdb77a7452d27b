"""Gates, refusals and exits in plain words, for `autoscalper why`."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.enums import ExitReason, Gate, Refusal
from reporting.playbook_gates import plain
from reporting.why_summary import GateTold

# Why a gate blocked. `value` and `asked` are numbers with their unit, `shown` and `wanted` words.
BLOCKED: Final[Mapping[Gate, str]] = MappingProxyType(
    {
        Gate.HOLD: "nothing was entered for another {value} after a refusal",
        Gate.TRADING_STATE: "the account was {shown}, and entries need it {wanted}",
        Gate.SESSION: "its session was {shown}",
        Gate.DATA_AGE: "the quote was {value} old, at most {asked} are allowed",
        Gate.SIDE: "the move was {shown}, and the side that may be entered is {wanted}",
        Gate.REFERENCE: "the reference had a streak of {value} this way, {bare} were needed",
        Gate.CANDLE: "the last candle closed {value} beyond its mark, {bare} were needed",
        Gate.MOMENTUM: "momentum had a streak of {number}, {bare} were needed",
        Gate.VELOCITY: "the move ran at {value}, {bare} were needed",
        Gate.RELATIVE_STRENGTH: "it led the reference by {value}, {bare} were needed",
        Gate.INDEX_BIAS: "the index bias for this side was {value}, at least {bare} were needed",
        Gate.REGIME: "the market was {shown}, and the playbook enters while it is {wanted}",
        Gate.SPREAD: "the spread was {value}, at most {bare} are allowed",
        Gate.IMBALANCE: "the surplus of size on its side was {number}, {bare} was needed",
        Gate.MIN_MOVE: "the price was {value} from the last exit, {bare} were needed",
        Gate.NO_TRADE_ZONE: "the recent range was {value}, {bare} were needed",
        Gate.EXPECTED_MOVE: "a move of {value} was to be expected, its costs ask for {bare}",
        Gate.SMC: "the Smart Money bias for this side was {number}, {bare} was needed",
        Gate.SCAN_PLAN: "the scanned plan was not for this side",
        Gate.WIN_PROBABILITY: "the model gave it a chance of {number}, {bare} was needed",
        Gate.COOL_DOWN: "{value} had passed of a pause of {asked} between trades",
        Gate.RATE: "it had entered {number} times within a minute, and one more is too many",
        Gate.PLAN: "no plan could be made",
    }
)
_NOT_READY: Final[Mapping[Gate, str]] = MappingProxyType(
    {
        Gate.DATA_AGE: "there was no valid quote",
        Gate.SPREAD: "there was no valid quote to tell the spread by",
        Gate.IMBALANCE: "the sizes of the quote were not known",
        Gate.REGIME: "the regime was not known yet",
        Gate.VELOCITY: "there was no move yet to tell the speed of",
        Gate.REFERENCE: "the reference had no fresh price or no direction",
        Gate.PLAN: "no plan could be made: no valid quote, or an average was not ready",
    }
)
# Why risk refused. `limit` and `actual` are the rule's own numbers.
_REFUSED: Final[Mapping[Refusal, str]] = MappingProxyType(
    {
        Refusal.LIMIT_MISSING: "a limit is not set, so that nothing may be entered",
        Refusal.NOT_ALLOWED: "the market is not among those that may be traded",
        Refusal.TRADING_STATE: "the account does not take entries now",
        Refusal.DAILY_LOSS: "the day's result is {actual}, entries end at {limit}",
        Refusal.COOL_DOWN: "{actual} s since its last losing trade, {limit} s are asked for",
        Refusal.DUPLICATE: "the same order was approved {actual} ms ago, {limit} ms are asked for",
        Refusal.ORDER_RATE: "{actual} orders within a second, the most is {limit}",
        Refusal.ORDERS_PER_DAY: "{actual} orders today, entries may use {limit}",
        Refusal.STALE_QUOTE: "the quote is {actual} s old or not valid, the most is {limit} s",
        Refusal.BAD_PRICE: "its price would be {actual} ticks, the least is {limit}",
        Refusal.BAD_LOTS: "its size would be {actual} lots, the least is {limit}",
        Refusal.MIN_NOTIONAL: "it is worth {actual}, the venue takes no less than {limit}",
        Refusal.PRICE_COLLAR: "its price is {actual} half-ticks from the mid, at most {limit}",
        Refusal.ORDER_NOTIONAL: "it is worth {actual}, an order may be worth {limit}",
        Refusal.POSITION_NOTIONAL: "the position would be worth {actual}, the most is {limit}",
        Refusal.OPEN_POSITIONS: "{actual} markets would be open, the most is {limit}",
        Refusal.GROSS_NOTIONAL: "all positions would be worth {actual}, the most is {limit}",
        Refusal.TRADE_LOSS: "it could lose {actual} at its stop, the most is {limit}",
        Refusal.EXCEEDS_POSITION: "it is for {actual} lots, and {limit} are held",
        Refusal.NOT_SHORTABLE: "the instrument cannot be sold short",
        Refusal.OUTSIDE_SESSION: "the session is not open for entries",
        Refusal.UNREVIEWED: "{actual} trades without a person's review, the most is {limit}",
        Refusal.TRADES_PER_SESSION: "{actual} entries in this session, the most is {limit}",
        Refusal.REPEATED_ENTRIES: "{actual} entries of one side in a row, the most is {limit}",
        Refusal.GROUP_NOTIONAL: "its group would be worth {actual}, the most is {limit}",
        Refusal.LEVERAGE: "all positions would be worth {actual}, equity bears {limit}",
        Refusal.MARGIN: "all positions would need {actual} of margin, equity is {limit}",
        Refusal.HEAT: "{actual} would be at risk in all, the most is {limit}",
        Refusal.LIQUIDATION: "liquidation would be {actual} ticks away, the least is {limit}",
        Refusal.REJECT_BURST: "the market is locked after {actual} refusals, the limit is {limit}",
        Refusal.COOLDOWN_PERIOD: "the market rests after a trade",
        Refusal.STOPLOSS_GUARD: "locked after {actual} stops, the limit is {limit}",
        Refusal.MAX_DRAWDOWN: "locked after the balance fell by {actual}, the limit is {limit}",
        Refusal.LOW_PROFIT_PAIRS: "locked as its trades brought {actual}, and {limit} is asked for",
        Refusal.LOCKED_BY_HAND: "a person locked it",
        Refusal.OTHER_ORIGIN: "the instrument is held, or ordered, by hand or by rule already",
    }
)


# Why a position is left.
_LEFT: Final[Mapping[ExitReason, str]] = MappingProxyType(
    {
        ExitReason.HALT: "the account was halted",
        ExitReason.DAILY_LOSS: "the daily loss limit was reached",
        ExitReason.TRADE_LOSS: "it lost as much as one trade may",
        ExitReason.HARD_STOP: "the price reached its stop",
        ExitReason.TAKE_PROFIT: "the price reached its target",
        ExitReason.BREAK_EVEN: "the price came back to the stop at break-even",
        ExitReason.TRAILING: "the price came back to the trailing stop",
        ExitReason.TIME_GUARD: "it had been held for its time",
        ExitReason.MOMENTUM_FLIP: "the market moved against it several times in a row",
        ExitReason.DATA_STALL: "its market had been silent for too long",
        ExitReason.SESSION_END: "the session was about to end",
        ExitReason.END_OF_DATA: "its data ended",
        ExitReason.DRAWDOWN: "the drawdown limit was reached",
        ExitReason.LIQUIDATION: "the price reached its liquidation",
        ExitReason.OFFSET_STOP: "the price came back to the stop beyond break-even",
        ExitReason.PROFIT_LOCK: "the price came back to the locked profit",
        ExitReason.TIGHT_TRAILING: "the price came back to the tight trailing stop",
        ExitReason.FAST_TRAILING: "the price came back to the fast trailing stop",
        ExitReason.TIME_STOP: "the price came back to the stop that follows after its time",
        ExitReason.FLIP: "the other side had the momentum that an entry needs",
        ExitReason.PARTIAL: "it gained what asks for closing a part",
        ExitReason.COMMAND: "a person left it",
    }
)


def why_left(code: str) -> str:
    """A clause that says why a position is left."""
    return _LEFT[ExitReason[code.upper()]]


def why_blocked(gate: GateTold) -> str:
    """A clause that says why a gate kept the market from entering."""
    which = Gate[gate.gate.upper()]
    if math.isnan(gate.distance):
        return _NOT_READY.get(which, f"{plain(which)} was not known: its input was missing")
    value, asked = told_apart(gate.value, gate.threshold)
    return BLOCKED[which].format(
        value=with_unit(value, gate.unit),
        asked=with_unit(asked, gate.unit),
        number=value,
        bare=asked,
        shown=gate.shown,
        wanted=gate.asked,
    )


def why_refused(code: str, limit: float, actual: float) -> str:
    """A clause that says why risk refused."""
    found, bound = told_apart(actual, limit)
    return _REFUSED[Refusal[code.upper()]].format(limit=bound, actual=found)


def spoken(word: str) -> str:
    """A word of files as people write it: `hard stop`."""
    return word.replace("_", " ")


def with_unit(number: str, unit: str) -> str:
    """`3 moves`, `1 move`, `0.4 s`."""
    return f"{number} {_ONE.get(unit, unit) if number in {'1', '-1'} else unit}".rstrip()


_ONE: Final = {"moves": "move", "ticks": "tick", "votes": "vote", "entries": "entry"}


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers for people, with as many digits as it takes to see that they differ."""
    for digits in range(4, 16):
        first, second = number(one, digits), number(other, digits)
        if one == other or first != second:
            return first, second
    return repr(one), repr(other)


def number(value: float, digits: int = 4) -> str:
    """A number to some significant digits, without exponent: `1,204`, `0.034`, `never`, `-`."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "any"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 15)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
