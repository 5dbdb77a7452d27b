"""Distances written for people: "6bp", "8pt", "3tick", "1.5atr:1m", "max(6bp, 3tick)", "off".

A distance is a price move whose size depends on the instrument, the price or the volatility. It is
kept as three terms of which the largest counts (docs/rules.md, C7).
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from domain.frames import FRAME_NAMES, frame_index

_TERM: Final = re.compile(r"([0-9.]+)\s*(bp|pt|tick|atr)(?::([0-9a-z]+))?")
_MAX: Final = re.compile(r"max\((.*)\)")

# Lowest, highest and step of a term, by unit: what a tuner may propose.
UNIT_BOUNDS: Final = {
    "bp": (Decimal(0), Decimal(500), Decimal("0.1")),
    "pt": (Decimal(0), Decimal(10000), Decimal("0.05")),
    "tick": (Decimal(0), Decimal(10000), Decimal("0.5")),
    "atr": (Decimal(0), Decimal(20), Decimal("0.1")),
}


class Distance(msgspec.Struct, frozen=True):
    """The larger of its terms; a term of 0 is absent. `off` means: not used at all."""

    bp: Decimal = Decimal(0)
    pt: Decimal = Decimal(0)
    tick: Decimal = Decimal(0)
    atr: Decimal = Decimal(0)
    atr_frame: str = "1m"
    off: bool = False

    def __str__(self) -> str:
        """The shortest text that parses to this distance."""
        if self.off:
            return "off"
        terms = [f"{_plain(self.tick)}tick"] if self.tick else []
        terms += [f"{_plain(self.bp)}bp"] if self.bp else []
        terms += [f"{_plain(self.pt)}pt"] if self.pt else []
        terms += [f"{_plain(self.atr)}atr:{self.atr_frame}"] if self.atr else []
        if not terms:
            return "0tick"
        return terms[0] if len(terms) == 1 else f"max({', '.join(terms)})"


def parse_distance(text: str) -> Distance:
    """Read a distance. ValueError says what was expected."""
    stripped = text.strip()
    if stripped == "off":
        return Distance(off=True)
    inside = _MAX.fullmatch(stripped)
    terms = inside.group(1).split(",") if inside else [stripped]
    values = dict.fromkeys(UNIT_BOUNDS, Decimal(0))
    atr_frame = "1m"
    for term in terms:
        unit, value, frame = _parse_term(term.strip())
        values[unit] = max(values[unit], value)
        if unit == "atr":
            atr_frame = frame
    return Distance(
        bp=values["bp"],
        pt=values["pt"],
        tick=values["tick"],
        atr=values["atr"],
        atr_frame=atr_frame,
    )


def _parse_term(term: str) -> tuple[str, Decimal, str]:
    match = _TERM.fullmatch(term)
    if match is None:
        raise ValueError(
            f'{term!r} is no distance: write "6bp", "8pt", "3tick", "1.5atr:1m", '
            '"max(6bp, 3tick)" or "off"'
        )
    number, unit, frame = match.groups()
    try:
        value = Decimal(number)
    except InvalidOperation as error:
        raise ValueError(f"{number!r} is no number in the distance {term!r}") from error
    lower, upper, _ = UNIT_BOUNDS[unit]
    if not lower <= value <= upper:
        raise ValueError(f"{term!r} is out of bounds: {lower} to {upper} {unit}")
    if frame is not None and unit != "atr":
        raise ValueError(f"only atr takes a candle frame, {term!r} does not")
    if frame is not None and frame not in FRAME_NAMES:
        frame_index(frame)  # raises with the known names
    return unit, value, frame or "1m"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
