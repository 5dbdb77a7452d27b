"""Lengths of time and factors as options give them, refused in this program's own words."""

import math
import re
from typing import Final

import typer

_SPAN: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|h)?", re.ASCII)
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0}
_MOST_S: Final = 30 * 86_400.0


def seconds(text: str | float) -> float:
    """As `90s`, `5m` or `2h`; a bare number is seconds. Usage error for all else."""
    if isinstance(text, float):
        return text  # typer gives the default to the reader as well
    found = _SPAN.fullmatch(text)
    length_s = 0.0 if found is None else float(found[1]) * _UNITS[found[2] or "s"]
    if not 0.0 < length_s <= _MOST_S:
        raise typer.BadParameter(f"{text!r} is no length of time; write 60s, 5m or 2h")
    return length_s


def factor(text: str | float) -> float:
    """A number above 0. Usage error for all else."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value <= 1e6:
        raise typer.BadParameter(f"{text!r} is no speed; give a number above 0, as 1 or 10")
    return value
