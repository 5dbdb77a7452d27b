"""The closed sets of the shared language.

Members are integers, so that kernels, records and outputs share them; their lower-case names are
the words used in files, reports and logs. Numbers are part of recordings: append, never renumber.
"""

from enum import IntEnum


class Word(IntEnum):
    """An integer with a word for people: the member's name in lower case."""

    @property
    def word(self) -> str:
        """The name used in files and reports."""
        return self.name.lower()


class Side(Word):
    """Direction of a position (docs/rules.md, C3)."""

    LONG = 1
    SHORT = -1


class TickKind(Word):
    """What a row of the tick array says (I1)."""

    TRADE = 1
    QUOTE = 2
    INVALID_BOOK = 3
    CLOCK = 4


class PriceSource(Word):
    """What momentum, candles and VWAP are made of (C6)."""

    TRADES = 1
    MID = 2


class BookSource(Word):
    """Whether the data holds quotes or a half-spread around the last trade is assumed (C6)."""

    QUOTES = 1
    ASSUMED = 2


class Gate(Word):
    """Entry gates in the order in which they run (section 3 of the rules)."""

    HOLD = 0
    TRADING_STATE = 1
    SESSION = 2
    DATA_AGE = 3
    SIDE = 4
    REFERENCE = 5
    CANDLE = 6
    MOMENTUM = 7
    VELOCITY = 8
    RELATIVE_STRENGTH = 9
    INDEX_BIAS = 10
    REGIME = 11
    SPREAD = 12
    IMBALANCE = 13
    MIN_MOVE = 14
    NO_TRADE_ZONE = 15
    EXPECTED_MOVE = 16
    SMC = 17
    SCAN_PLAN = 18
    WIN_PROBABILITY = 19
    COOL_DOWN = 20
    RATE = 21
    PLAN = 22


class GateMode(Word):
    """What a gate's answer does."""

    OFF = 0
    ON = 1
    OBSERVE = 2


class WhenMissing(Word):
    """What NOT_READY does."""

    BLOCK = 0
    PASS = 1


class AllowedSides(Word):
    """Which sides a playbook may enter."""

    BOTH = 0
    LONG = 1
    SHORT = -1


class CandleReference(Word):
    """What the candle gate compares the last close with (G6)."""

    EMA9 = 0
    PREVIOUS_CLOSE = 1


class Regime(Word):
    """How a market moves at present (F22)."""

    UNKNOWN = 0
    QUIET = 1
    RANGING = 2
    TRENDING = 3
    VOLATILE = 4


class AllowedRegimes(Word):
    """Regimes in which the regime gate lets enter (G11)."""

    ALL = 0
    TRENDING = 1
    TRENDING_OR_VOLATILE = 2
    NOT_QUIET = 3
    RANGING_OR_VOLATILE = 4


class BiasMode(Word):
    """What the votes of the index-bias gate must say (G10)."""

    FILTER = 0
    STRONG = 1


class BiasSource(Word):
    """Whose candles vote; also the slot they are in (G10)."""

    MARKET = 0
    REFERENCE = 2


class ExitReason(Word):
    """Why a position is left, whole or in part. E3 has the order in which reasons are tried."""

    NONE = 0
    HALT = 1
    DAILY_LOSS = 2
    TRADE_LOSS = 3
    HARD_STOP = 4
    TAKE_PROFIT = 5
    BREAK_EVEN = 6
    TRAILING = 7
    TIME_GUARD = 8
    MOMENTUM_FLIP = 9
    DATA_STALL = 10
    SESSION_END = 11
    END_OF_DATA = 12
    DRAWDOWN = 13
    LIQUIDATION = 14
    OFFSET_STOP = 15
    PROFIT_LOCK = 16
    TIGHT_TRAILING = 17
    FAST_TRAILING = 18
    TIME_STOP = 19
    FLIP = 20
    PARTIAL = 21
    COMMAND = 22


class Mover(Word):
    """What moved the stop last; it names the exit (S1)."""

    HARD = 0
    BREAK_EVEN = 1
    TRAIL = 2
    OFFSET = 3
    LOCK = 4
    TIGHT = 5
    FAST = 6
    TIME = 7


class Switch(Word):
    """Whether something is done at all."""

    OFF = 0
    ON = 1


class TimeGuard(Word):
    """What happens when a position has been held for its time (E3, S1)."""

    LEAVE = 0
    TIGHTEN = 1


class AveragingMode(Word):
    """When a position may be added to (A1)."""

    OFF = 0
    PROFIT = 1
    LOSS_BUDGET = 2


class SizeMode(Word):
    """How the size of an entry is found (R20)."""

    FIXED = 0
    RISK = 1
    VOLATILITY = 2


class Purpose(Word):
    """What an order is for; also its slot in the market's row."""

    ENTRY = 0
    EXIT = 1


class OrderKind(Word):
    """How an order works (section 6 of the rules)."""

    IOC = 1
    RESTING = 2
    CLOSE_OUT = 3
    PARTIAL = 4


class EntryStyle(Word):
    """How a playbook enters."""

    MARKETABLE = 0
    RESTING = 1


class TradingState(Word):
    """What the account may do."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


class StateCause(Word):
    """Who set the trading state."""

    START = 0
    COMMAND = 1
    DAILY_LOSS = 2
    DAY_ROLL = 3
    DRAWDOWN = 4
    LOSS_STREAK = 5
    SLIPPAGE = 6
    EXPIRED = 7
    STORAGE = 8
    CLOCK = 9


class OutputKind(Word):
    """What the core says (O1)."""

    INTENT = 1
    APPROVED = 2
    REFUSED = 3
    FILL = 4
    REJECTION_RUN = 5
    CANDLE_CLOSED = 6
    STATE_CHANGED = 7
    ADDITION = 8
    PLAYBOOK_CHANGED = 9
    FUNDING = 10
    LOCKED = 11
    COMMAND_REFUSED = 12


class CommandRefusal(Word):
    """Why a person's command was not carried out (I6)."""

    UNKNOWN_MARKET = 1
    NOT_FLAT = 2


class Refusal(Word):
    """Why risk refused an order (section 5 of the rules)."""

    LIMIT_MISSING = 1
    NOT_ALLOWED = 2
    TRADING_STATE = 3
    DAILY_LOSS = 4
    COOL_DOWN = 5
    DUPLICATE = 6
    ORDER_RATE = 7
    ORDERS_PER_DAY = 8
    STALE_QUOTE = 9
    BAD_PRICE = 10
    BAD_LOTS = 11
    MIN_NOTIONAL = 12
    PRICE_COLLAR = 13
    ORDER_NOTIONAL = 14
    POSITION_NOTIONAL = 15
    OPEN_POSITIONS = 16
    GROSS_NOTIONAL = 17
    TRADE_LOSS = 18
    EXCEEDS_POSITION = 19
    NOT_SHORTABLE = 20
    OUTSIDE_SESSION = 21
    UNREVIEWED = 22
    TRADES_PER_SESSION = 23
    REPEATED_ENTRIES = 24
    GROUP_NOTIONAL = 25
    LEVERAGE = 26
    MARGIN = 27
    HEAT = 28
    LIQUIDATION = 29
    REJECT_BURST = 30
    COOLDOWN_PERIOD = 31
    STOPLOSS_GUARD = 32
    MAX_DRAWDOWN = 33
    LOW_PROFIT_PAIRS = 34
    OTHER_ORIGIN = 35
    LOCKED_BY_HAND = 36


class BadTick(Word):
    """Why a tick never reached the core (I2, I3)."""

    NON_FINITE = 1
    NEGATIVE = 2
    ZERO = 3
    LATE = 4
    ABSURD = 5
    CROSSED = 6
    DUPLICATE = 7


class Contract(Word):
    """What one lot is."""

    SPOT = 1
    SHARE = 2
    CFD = 3
    LINEAR_PERPETUAL = 4
    FUTURE = 5
    INVERSE = 6


class Mode(Word):
    """How the program runs; also its folder in the state folder. Files of two never mix."""

    SIGNALS = 1
    PAPER = 2
    SANDBOX = 3
    LIVE = 4
    SIMULATED = 5


class FileKind(Word):
    """Which of a mode's files it is; also its name."""

    AUTO = 1
    MANUAL = 2
    TELEMETRY = 3


class Origin(Word):
    """Who wanted an order. `auto.db` holds AUTO only, `manual.db` all the others."""

    AUTO = 1
    MANUAL = 2
    EXTERNAL = 3
    IMPORTED = 4


class OrderState(Word):
    """What became of an order."""

    APPROVED = 1
    REFUSED = 2
    PARTLY_FILLED = 3
    FILLED = 4
    CANCELLED = 5
    EXPIRED = 6

    @property
    def rank(self) -> int:
        """How far an order has come: it never decreases. Of the last rank are all ends."""
        if self is OrderState.APPROVED:
            return 1
        return 2 if self is OrderState.PARTLY_FILLED else 3
