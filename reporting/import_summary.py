"""What an import will read and what it made, for people and scripts. Names are the JSON's keys."""

import msgspec


class FieldLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of our fields, the foreign column that it is read from, and how sure that is."""

    field: str
    column: str
    unit: str
    confidence: str
    example: str


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """How one file will be read; columns that are not are named in `unread`."""

    file: str
    shape: str
    content: str
    rows: int
    fields: list[FieldLine]
    unread: list[str]


class FileCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a file that are no good ticks, by kind, and the first of each, from 1 on."""

    file: str
    rows: int
    counts: dict[str, int]
    first: dict[str, int]


class RecordingLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was folded while the recording was made."""

    market: str
    playbook: str
    inputs: int
    segments: int
    trades: int


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. assumed: all that files did not say; next: commands to try."""

    place: str
    trades: int
    quotes: int
    first_ns: int
    last_ns: int
    files: list[FileCounts]
    assumed: list[str]
    next: list[str]
    recording: RecordingLine | None = None
