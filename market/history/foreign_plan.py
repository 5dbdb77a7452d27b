"""How a foreign file will be read: what it holds, which column is which, in which units."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import polars as pl

from domain.errors import BadInput, BadUsage
from market.history.foreign_columns import Content
from market.history.foreign_files import ForeignFile, Laid, laid_out, read_foreign
from market.history.foreign_values import Times, times

_MOST_NAMED = 5


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the user says of the files.

    content     None: what the columns say.
    columns     fields mapped to columns.
    zone        of times that name none; None: UTC.
    symbol      the one to take, of files that hold several.
    spread_bps  of candles: the whole spread, in basis points of the price; None: 2.
    """

    content: Content | None = None
    columns: Mapping[str, str] = {}
    zone: str | None = None
    symbol: str | None = None
    spread_bps: float | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one file will be read.

    received  the receiver's clock, where there is one.
    chosen  which rows are taken, where the file holds several symbols; None: all.
    """

    path: Path
    frame: pl.DataFrame
    laid: Laid
    times: Times
    choices: Choices
    received: Times | None = None
    chosen: pl.Series | None = None

    @property
    def content(self) -> Content:
        """What it holds."""
        return self.laid.content

    def column(self, field: str) -> pl.Series | None:
        """The column that a field stands in, as it is in the file."""
        for each in self.laid.found:
            if each.field == field:
                return self.frame[each.column]
        return None


def plan_import(path: Path, choices: Choices) -> Plan:
    """Read a file and find out what is which. BadInput and BadUsage name file and fix."""
    file = read_foreign(path)
    laid = laid_out(file, choices.content, choices.columns)
    columns = {each.field: file.frame[each.column] for each in laid.found}
    column = columns["time"]
    if "date" in columns:
        column = columns["date"].cast(pl.String) + " " + column.cast(pl.String)
    received = columns.get("received")
    try:
        found = times(column, choices.zone)
        heard = None if received is None else times(received, choices.zone)
    except BadUsage as error:
        raise BadUsage(f"{path}: {error}") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    _check_used(path, laid, found, choices)
    return Plan(
        path=path,
        frame=file.frame,
        laid=laid,
        times=found,
        choices=choices,
        received=heard,
        chosen=_chosen(file, columns.get("symbol"), choices.symbol),
    )


def _check_used(path: Path, laid: Laid, found: Times, choices: Choices) -> None:
    """BadUsage for a choice that would change nothing: it was meant to."""
    if choices.zone is not None and not found.zone:
        raise BadUsage(f"{path}: its times say themselves what they are; leave out --zone")
    if choices.spread_bps is not None and laid.content is not Content.CANDLES:
        raise BadUsage(
            f"{path}: holds {laid.content.word}; --spread-bps is for candles: leave it out"
        )


def _chosen(file: ForeignFile, symbols: pl.Series | None, wanted: str | None) -> pl.Series | None:
    """Rows of the one symbol; None where the file holds no other."""
    if symbols is None:
        if wanted is not None:
            raise BadUsage(
                f"{file.path}: has no column of symbols for --symbol {wanted}; leave it out, or "
                "say which column it is with --map symbol=COLUMN"
            )
        return None
    names = symbols.cast(pl.String)
    known = names.drop_nulls().unique().sort().to_list()
    told = ", ".join(known[:_MOST_NAMED]) + (" and more" if len(known) > _MOST_NAMED else "")
    if wanted is None:
        if len(known) > 1:
            raise BadUsage(f"{file.path}: holds {told}; choose one with --symbol {known[0]}")
        return None
    if wanted not in known:
        raise BadUsage(f"{file.path}: holds no {wanted}; it holds {told}")
    return (names == wanted).fill_null(value=False)
