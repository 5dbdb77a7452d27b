"""Values of a playbook in words, with their units: for sentences, and in short for tables."""

from decimal import Decimal
from typing import Final

from domain.distances import Distance
from domain.frames import FRAME_SECONDS, frame_index
from domain.parameters import Kind, Parameter, Value
from domain.playbooks import written

# One and many. A unit that is not here is said as the table writes it.
_UNITS: Final = {
    "s": ("second", "seconds"),
    "bp": ("basis point", "basis points"),
    "bp/s": ("basis point a second", "basis points a second"),
    "pt": ("point", "points"),
    "tick": ("tick", "ticks"),
    "ticks": ("tick", "ticks"),
    "moves": ("move", "moves"),
    "entries": ("entry", "entries"),
    "trades": ("trade", "trades"),
    "votes": ("vote", "votes"),
    "points": ("point", "points"),
    "candles": ("candle", "candles"),
    "standard lots": ("standard lot", "standard lots"),
    "x": ("time", "times"),
    "ratio": ("", ""),
    "bias": ("", ""),  # so is the parameter's name
}


def in_words(parameter: Parameter, value: Value) -> str:
    """A value for a sentence: `the larger of 3 ticks and 8 basis points`, `20 seconds`."""
    if isinstance(value, Distance):
        return _distance(value)
    if parameter.kind is Kind.CHOICE:
        return written(parameter, value).replace("_", " ")
    if parameter.kind is Kind.FRAME:
        return _frame(int(value))
    return _counted(Decimal(str(value)), parameter.unit)


def in_short(parameter: Parameter, value: Value) -> str:
    """A value for a table: `max(3tick, 8bp)`, `20 s`."""
    if parameter.kind in {Kind.CHOICE, Kind.FRAME, Kind.DISTANCE}:
        return written(parameter, value)
    return f"{_number(Decimal(str(value)))} {parameter.unit}"


def list_of(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {last} ".join([part for part in (", ".join(words[:-1]), *words[-1:]) if part])


def _distance(value: Distance) -> str:
    if value.off:
        return "off"
    terms = [
        _counted(amount, unit)
        for unit, amount in (("tick", value.tick), ("bp", value.bp), ("pt", value.pt))
        if amount
    ]
    if value.atr:
        frame = _frame(frame_index(value.atr_frame))
        terms.append(f"{_number(value.atr)} times the average true range of {frame} candles")
    if len(terms) > 1:
        return f"the {'larger' if len(terms) == 2 else 'largest'} of {list_of(terms)}"
    return terms[0] if terms else _counted(Decimal(0), "tick")


def _counted(amount: Decimal, unit: str) -> str:
    one, many = _UNITS.get(unit, (unit, unit))
    return f"{_number(amount)} {one if amount == 1 else many}".rstrip()


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _frame(index: int) -> str:
    seconds = FRAME_SECONDS[index]
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return f"{seconds // size}-{name}"
    return f"{seconds}-second"
