"""Foreign CSV and Parquet files to frames, and what stands in which of their columns.

CSV may be zipped or gzipped, with or without a head, separated by comma, semicolon, tab or bar.
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from domain.errors import BadInput, BadUsage
from market.history.foreign_columns import (
    FLAG,
    NEEDED,
    TIME,
    Content,
    Found,
    Layout,
    columns_of,
    content_of,
    find_columns,
    layout_for,
)
from market.history.foreign_values import numbers, times

_SEPARATORS: Final = (",", ";", "\t", "|")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LOOKED_AT: Final = 200  # rows that must fit a layout
_WORDS: Final = {"true", "false"}


class ForeignFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is. Without a head its columns are called "1", "2" and so on.

    shape  for people: the kind of file, or the layout that it was known by.
    """

    path: Path
    frame: pl.DataFrame
    head: bool
    shape: str


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds and where."""

    content: Content
    found: tuple[Found, ...]
    shape: str


def read_foreign(path: Path) -> ForeignFile:
    """Read one file. BadInput where it is none that can be read."""
    if not path.exists():
        raise BadInput(f"{path}: there is no such file")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; name the files in it")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
            return _checked(ForeignFile(path=path, frame=frame, head=True, shape="Parquet"))
        return _checked(_read_csv(path, _bytes(path)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(
            f"{path}: cannot be read ({told}); is it CSV or Parquet, and whole?"
        ) from error


def laid_out(file: ForeignFile, content: Content | None, stated: Mapping[str, str]) -> Laid:
    """Find every field. BadUsage where a field is missing or could be two columns.

    content  None: what the columns say.
    stated   fields that the user has mapped.
    """
    try:
        if file.head:
            chosen = content or content_of(file.frame.columns)
            found = find_columns(chosen, file.frame.columns, stated)
            return Laid(content=chosen, found=found, shape=file.shape)
        layout = _layout(file, content, stated)
        found = columns_of(layout, stated)
        return Laid(content=layout.content, found=found, shape=f"{file.shape} of {layout.name}")
    except BadUsage as error:
        raise BadUsage(f"{file.path}: {error}") from error


def _layout(file: ForeignFile, content: Content | None, stated: Mapping[str, str]) -> Layout:
    frame = file.frame
    fitting = [each for each in layout_for(frame.width, content) if _fits(frame, each)]
    if len(fitting) == 1:
        return fitting[0]
    if content is not None and stated:
        names = {column: field for field, column in stated.items()}
        columns = tuple(names.get(str(place + 1), "") for place in range(frame.width))
        missing = [field for field in NEEDED[content] if field not in stated]
        if not missing:
            return Layout("stated columns", content, columns)
    first = ", ".join(repr(value) for value in frame.row(0))
    like = " or ".join(each.name for each in fitting) or "no layout that is known here"
    raise BadUsage(
        f"has no head, and its {frame.width} columns ({first}) look like {like}; say what they are "
        "with --as and, as columns are called 1, 2 and so on, with --map time=1 and the like"
    )


def _fits(frame: pl.DataFrame, layout: Layout) -> bool:
    """Whether the first rows can be read by it."""
    head = frame.head(_LOOKED_AT)
    for name, field in zip(head.columns, layout.columns, strict=True):
        column = head[name]
        if field in {"time", TIME}:
            try:
                found = times(column, None).ns
            except (BadInput, BadUsage):
                return False
            if found.null_count():
                return False
        elif field in {"buyer_is_maker", FLAG}:
            if not set(column.str.to_lowercase().to_list()) <= _WORDS:
                return False
        elif field and numbers(column).null_count():
            return False
    return True


def _checked(file: ForeignFile) -> ForeignFile:
    columns = set(file.frame.columns)
    if {"ts_ns", "kind"} <= columns and file.shape == "Parquet":
        raise BadUsage(
            f"{file.path}: holds ticks as `autoscalper replay` reads them: nothing to do"
        )
    if file.frame.is_empty():
        raise BadInput(f"{file.path}: holds no row; expected some")
    return file


def _bytes(path: Path) -> bytes:
    """The content, unpacked where it is packed. OSError where that fails."""
    content = path.read_bytes()
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(BytesIO(content)) as packed:
                names = [name for name in packed.namelist() if not name.endswith("/")]
                if len(names) != 1:
                    raise BadInput(f"{path}: holds {len(names)} files; unpack it and name them")
                return packed.read(names[0])
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{path}: cannot be unpacked ({error}); is it whole?") from error
    return content


def _read_csv(path: Path, content: bytes) -> ForeignFile:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content[:4096]:
        raise BadInput(f"{path}: is no text; expected CSV, or a name that ends in .parquet")
    line = content.lstrip(b"\r\n").split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r")
    separator = max(_SEPARATORS, key=line.count)
    cells = [cell.strip().strip('"') for cell in line.split(separator)]
    if len(cells) < 2:
        raise BadInput(
            f"{path}: its first line {line[:60]!r} is one column; expected columns separated by "
            "comma, semicolon, tab or bar"
        )
    head = not any(_NUMBER.fullmatch(cell) for cell in cells)
    numbered = [str(place + 1) for place in range(len(cells))]
    frame = pl.read_csv(
        BytesIO(content), has_header=head, separator=separator, infer_schema=False,
        encoding="utf8-lossy", new_columns=None if head else numbered,
    )  # fmt: skip
    frame = frame.rename({name: name.strip() for name in frame.columns})
    return ForeignFile(
        path=path, frame=frame, head=head, shape="CSV" if head else "CSV without a head, the shape"
    )
