"""The words of Smart Money Concepts (docs/smc.md): what is found, and what becomes of it."""

from domain.enums import Word


class SmcKind(Word):
    """What an object is."""

    SWING = 1
    BOS = 2
    CHOCH = 3
    GAP = 4
    BLOCK = 5
    POOL = 6
    SWEEP = 7
    DEALING_RANGE = 8
    LEVEL = 9
    SESSION = 10
    RETRACEMENT = 11


class SmcEvent(Word):
    """What a row says of its object. Which of them a kind has stands in docs/smc.md."""

    FORMED = 1
    EXTENDED = 2
    TOUCHED = 3
    MITIGATED = 4
    FILLED = 5
    BREAKER = 6
    INVALIDATED = 7
    CONFIRMED = 8
    FAILED = 9
    SUPERSEDED = 10
    SWEPT = 11
    BROKEN = 12
    PREMIUM = 13
    DISCOUNT = 14
    EQUILIBRIUM = 15
    REACHED = 16
    ENDED = 17
    DROPPED = 18  # its list was full: what becomes of it is not known


class SwingRank(Word):
    """Variant of a swing: whether it was the extreme of its leg when it was known."""

    INNER = 0
    LEG = 1


class BlockOrigin(Word):
    """Variant of an order block: why it is one."""

    REJECTION = 1
    ENGULFING = 2
    BREAK = 3


class LevelPeriod(Word):
    """Variant of a level: the period whose high or low it was."""

    DAY = 0
    WEEK = 1
    HOURS = 2


class CandleProblem(Word):
    """What is wrong with a candle, or worth knowing of a series (docs/smc.md, "Bad input")."""

    UNEQUAL = 1
    NOT_FINITE = 2
    NOT_POSITIVE = 3
    OFF_GRID = 4
    HIGH_BELOW_LOW = 5
    OUTSIDE_RANGE = 6
    OUT_OF_ORDER = 7
    DUPLICATE = 8
    OVERLAPPING = 9
    HOLE = 10
    FLAT = 11
    ZERO_VOLUME = 12
    TOO_SHORT = 13
