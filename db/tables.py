"""How the rows of the domain become columns and come back, table by table.

Exact numbers are TEXT in their one canonical spelling, derived ones REAL, closed sets their words,
times INTEGER nanoseconds. Encoding runs column by column, so that most of it happens in C.
"""

import math
import typing
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import Final

import msgspec

from domain import ledger
from domain.enums import FileKind, Word
from domain.ledger import Row

Value = str | int | float | bytes | None
Values = tuple[Value, ...]
Convert = Callable[[typing.Any], typing.Any]

_WIDEST: Final = 60  # digits of a number, as in domain.units.EXACT


def decimal_text(number: Decimal) -> str:
    """The one spelling of a number: no exponent, no zeros at the end, no minus before 0.

    ValueError for nan, infinity and numbers too long to be an amount of anything.
    """
    text = str(number)
    if "E" in text or "N" in text or "n" in text:
        if not number.is_finite() or abs(number.adjusted()) > _WIDEST:
            raise ValueError(f"{number} cannot be a price, a quantity or money")
        text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _real(number: float) -> float | None:
    # SQLite has no nan, and keeps -0.0 as 0.
    return None if math.isnan(number) else float(number) + 0.0


def _real_back(number: float | None) -> float:
    return math.nan if number is None else number


def _maybe(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _words(kind: type[Word]) -> tuple[Convert, Convert]:
    """A list is looked up faster than a member is hashed; member -1 is its last element."""
    members = list(kind)
    words: list[str | None] = [None] * (max(members) - min(*members, 0) + 1)
    for member in members:
        words[member] = member.word
    return words.__getitem__, {member.word: member for member in members}.__getitem__


def _converters(annotation: object) -> tuple[Convert | None, Convert | None]:
    """To a column and back; None where the value is kept as it is."""
    if typing.get_origin(annotation) in (UnionType, typing.Union):
        (inner,) = (each for each in typing.get_args(annotation) if each is not NoneType)
        there, back = _converters(inner)
        return there and _maybe(there), back and _maybe(back)
    annotation = getattr(annotation, "__supertype__", annotation)
    if annotation is str:
        return None, None
    if annotation is int:
        return int, None
    if annotation is bool:
        return int, bool
    if annotation is float:
        return _real, _real_back
    if annotation is Decimal:
        return decimal_text, Decimal
    assert isinstance(annotation, type)
    assert issubclass(annotation, Word)
    return _words(annotation)


class Table:
    """One kind of row and its table.

    key  columns under which a row is known; the same row again is no other row. Empty: none.
    """

    def __init__(self, name: str, row: type[Row], key: tuple[str, ...] = ()) -> None:
        self.name = name
        self.row: type[Row] = row
        self.key = key
        hints = typing.get_type_hints(row)
        self.columns = row.__struct_fields__
        both = [_converters(hints[column]) for column in self.columns]
        self._there = [(place, there) for place, (there, _) in enumerate(both) if there]
        self._back = [(place, back) for place, (_, back) in enumerate(both) if back]
        self._inserts: dict[int, str] = {}

    def encode(self, rows: Iterable[Row]) -> list[Values]:
        """Column values of each row. ValueError or TypeError for what no column can hold."""
        columns: list[Iterable[Value]] = list(zip(*map(msgspec.structs.astuple, rows), strict=True))
        for place, there in self._there if columns else ():
            columns[place] = map(there, columns[place])
        return list(zip(*columns, strict=True))

    def decode(self, values: Iterable[Sequence[Value]]) -> list[Row]:
        """Rows of column values, in the order of `columns`."""
        columns: list[Iterable[Value]] = list(zip(*values, strict=True))
        for place, back in self._back if columns else ():
            columns[place] = map(back, columns[place])
        # All fields are keyword-only, which says nothing to a reader of a table's columns.
        names = self.columns
        return [
            self.row(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)
        ]

    def insert(self, count: int) -> str:
        """The statement for so many rows: the batch's number first, then all values, row by row."""
        known = self._inserts.get(count)
        if known is None:
            width = len(self.columns)
            rows = ", ".join(
                "(?1, " + ", ".join(f"?{2 + row * width + i}" for i in range(width)) + ")"
                for row in range(count)
            )
            names = ", ".join(f'"{column}"' for column in self.columns)
            known = f'INSERT INTO "{self.name}" (batch, {names}) VALUES {rows}'  # noqa: S608 - our names
            self._inserts[count] = known
        return known


# In an order in which a row comes after what it refers to.
_LEDGER: Final = (
    Table("instruments", ledger.InstrumentRow),
    Table("orders", ledger.OrderRow, ("client_id",)),
    Table("order_states", ledger.OrderStateRow),
    Table("fills", ledger.FillRow, ("fill_id",)),
    Table("funding", ledger.FundingRow, ("market", "time_ns")),
    Table("trades", ledger.TradeRow, ("trade_id",)),
    Table("equity", ledger.EquityRow),
    Table("states", ledger.StateRow),
    Table("approvals", ledger.ApprovalRow),
    Table("commands", ledger.CommandRow),
)
_TELEMETRY: Final = (
    Table("decisions", ledger.DecisionRow),
    Table("rejections", ledger.RejectionRow),
    Table("health", ledger.HealthRow),
    Table("logs", ledger.LogRow),
)
TABLES: Final = {
    FileKind.AUTO: _LEDGER,
    FileKind.MANUAL: _LEDGER,
    FileKind.TELEMETRY: _TELEMETRY,
}
TABLE_OF: Final[dict[type[msgspec.Struct], Table]] = {
    table.row: table for table in _LEDGER + _TELEMETRY
}
