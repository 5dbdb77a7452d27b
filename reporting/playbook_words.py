"""Values of a playbook in words, with their units: for sentences, and in short for tables."""

from decimal import Decimal
from typing import Final

from domain.distances import Distance
from domain.frames import FRAME_SECONDS, frame_index
from domain.parameters import Kind, Parameter, Value
from domain.playbooks import PlaybookSwitch, written

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
    "additions": ("addition", "additions"),
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
        return written(parameter, value).replace("_", " ").replace("ema", "EMA")
    if parameter.kind is Kind.FRAME:
        return _frame(int(value))
    if parameter.kind is Kind.TIME:
        return written(parameter, value)
    return _counted(Decimal(str(value)), parameter.unit)


def in_short(parameter: Parameter, value: Value) -> str:
    """A value for a table: `max(3tick, 8bp)`, `20 s`."""
    if parameter.kind not in {Kind.INTEGER, Kind.NUMBER}:
        return written(parameter, value)
    amount = Decimal(str(value))
    one, many = _UNITS.get(parameter.unit, ("", ""))
    return f"{_number(amount)} {one if amount == 1 and many == parameter.unit else parameter.unit}"


def percent(share: float) -> str:
    """A share of one for a sentence: `70 %`."""
    return f"{_number(Decimal(str(share)) * 100)} %"


def when(switch: PlaybookSwitch) -> str:
    """When a switch acts: `while trending, after 4 wins in a row`."""
    said = []
    if switch.regimes:
        said.append(f"while {list_of([regime.word for regime in switch.regimes], 'or')}")
    for one, many, count in (
        ("a loss", "losses", switch.losses_in_a_row),
        ("a win", "wins", switch.wins_in_a_row),
    ):
        if count is not None:
            said.append(f"after {one}" if count == 1 else f"after {count} {many} in a row")
    least, most = switch.win_rate_at_least, switch.win_rate_at_most
    rates = [] if least is None else [f"at least {percent(least)}"]
    rates += [] if most is None else [f"at most {percent(most)}"]
    if rates:
        said.append(f"with {' and '.join(rates)} of the last 10 trades won")
    return ", ".join(said)


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
