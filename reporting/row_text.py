"""Rows of ledgers and telemetry for other programs: CSV that no spreadsheet runs, and JSON lines.

Numbers are written as they are kept, unrounded and without exponent; closed sets are their words;
times are nanoseconds, UTC; what is not there is an empty cell, or null.
"""

import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TextIO

import msgspec

from domain.enums import Word

Value = str | int | float | bool | None
# A spreadsheet takes a cell that begins so for a formula, whatever the file's type is.
_FORMULAS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are wide forms
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def values(row: msgspec.Struct) -> dict[str, Value]:
    """A row's fields by name; exact decimals as texts."""
    return {name: _value(getattr(row, name)) for name in row.__struct_fields__}


def cell(value: Value) -> str:
    """A cell of a CSV: with an apostrophe before what a spreadsheet would take for a formula."""
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, bool) else str(value)
    if text.startswith(_FORMULAS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_csv(rows: Iterable[msgspec.Struct], columns: Iterable[str], stream: TextIO) -> int:
    """A line of names, then one for each row; how many rows there were."""
    stream.write(f"{','.join(columns)}\n")
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - what is returned
        stream.write(f"{','.join(_quoted(cell(value)) for value in values(row).values())}\n")
    return count


def write_json(rows: Iterable[msgspec.Struct], stream: TextIO) -> int:
    """One object a line; how many rows there were."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - what is returned
        stream.write(f"{json.dumps(values(row), allow_nan=False)}\n")
    return count


def _quoted(text: str) -> str:
    """As RFC 4180 has it. The csv module leaves a lone CR bare: a new line, and maybe a formula."""
    if any(sign in text for sign in ',;"\r\n\t'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _value(value: object) -> Value:
    match value:
        case Word():
            return value.word
        case Decimal():
            return format(value, "f")
        case float():
            return value if math.isfinite(value) else None
        case str() | int() | None:
            return value
    raise TypeError(f"a {type(value).__name__} is no field of a row")
