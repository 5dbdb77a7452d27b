"""An import: plans first, then a Parquet file of ticks or a recording of them."""

import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from agent.replay.outcome import Progress
from agent.replay.record import RecordRequest, check_folder, record
from config.catalog import load_instrument
from domain.errors import BadInput, BadUsage
from domain.units import TsNs
from market.history.doubts import doubts
from market.history.foreign_plan import Choices, Plan, plan_import
from market.history.foreign_ticks import Imported, import_ticks
from market.history.foreign_values import TimeUnit
from market.history.parquet import read_ticks
from reporting.import_summary import (
    FieldLine,
    FileCounts,
    ImportSummary,
    PlanLine,
    RecordingLine,
)

PARQUET: Final = ".parquet"
_UNITS: Final = {
    "price": "price", "bid": "price", "ask": "price", "open": "price", "high": "price",
    "low": "price", "close": "price", "size": "as in the file", "bid_size": "as in the file",
    "ask_size": "as in the file", "volume": "as in the file", "side": "buy or sell: the aggressor",
    "buyer_is_maker": "true: the seller was the aggressor", "id": "whole number",
    "symbol": "name", "date": "date, before the time",
}  # fmt: skip


class ImportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Files, what is said of them, and where their ticks go.

    out         a file that ends in .parquet, or a folder for a recording; None: nowhere.
    instrument  of all files; None: by the first one's name.
    playbook    by which a recording is folded; None: baseline. It and settings are for those only.
    force       write over a file that is there.
    """

    paths: tuple[Path, ...]
    out: Path | None
    choices: Choices
    now_ns: TsNs
    instrument: str | None = None
    playbook: str | None = None
    settings: Path | None = None
    force: bool = False


class Planned(msgspec.Struct, frozen=True):
    """How files will be read, for the import and for people."""

    plans: tuple[Plan, ...]
    lines: list[PlanLine]


def plan(request: ImportRequest) -> Planned:
    """Look at places and files; nothing is written. BadInput or BadConfig with the fix."""
    if request.instrument is not None:
        load_instrument(request.instrument)
    if request.out is not None:
        _check_place(request.out, force=request.force)
        folds = request.playbook is not None or request.settings is not None
        if folds and request.out.suffix.lower() == PARQUET:
            raise BadUsage(
                f"--out {request.out}: ticks are folded by no playbook; leave out --playbook and "
                "--config, or name a folder for a recording"
            )
    seen: set[Path] = set()
    for path in request.paths:
        if path.resolve() in seen:
            raise BadUsage(f"{path} is given twice; give it once")
        seen.add(path.resolve())
    plans = tuple(plan_import(path, request.choices) for path in request.paths)
    return Planned(plans, [_line(each) for each in plans])


def carry_out(request: ImportRequest, planned: Planned, progress: Progress) -> ImportSummary:
    """Write the ticks of planned files. BadInput where rows or disk do not allow it."""
    assert request.out is not None
    progress("reading", 0, 0)
    imported = import_ticks(planned.plans)
    out, recording, assumed = request.out, None, list(imported.said)
    if out.suffix.lower() == PARQUET:
        _write(out, imported.frame)
        if request.instrument is not None:
            tick = load_instrument(request.instrument).tick
            assumed += doubts(read_ticks(out, 0), tick)
        chosen = "" if request.instrument is None else f" --instrument {request.instrument}"
        following = [f"autoscalper replay {shlex.quote(str(out))}{chosen}"]
    else:
        recording, said = _record(request, imported, progress)
        assumed += said
        place = shlex.quote(str(out))
        following = [
            f"autoscalper replay {place} --verify",
            f"autoscalper why {shlex.quote(recording.market)} --recording {place}",
        ]
    kinds = imported.frame["kind"]
    return ImportSummary(
        place=str(out),
        trades=int((kinds == "trade").sum()),
        quotes=int((kinds == "quote").sum()),
        first_ns=int(imported.frame["ts_ns"][0]),
        last_ns=int(imported.frame["ts_ns"][-1]),
        files=[
            FileCounts(file=str(each.path), rows=each.rows, counts=each.counts, first=each.first)
            for each in imported.files
        ],
        assumed=list(dict.fromkeys(assumed)),
        next=following,
        recording=recording,
    )


def _record(
    request: ImportRequest, imported: Imported, progress: Progress
) -> tuple[RecordingLine, Sequence[str]]:
    """By way of a file whose name says what it holds, as a replay would find it."""
    assert request.out is not None
    playbook = request.playbook or "baseline"
    with tempfile.TemporaryDirectory(prefix="autoscalper-import-") as folder:
        path = Path(folder) / f"{_stem(request.paths[0])}{PARQUET}"
        _write(path, imported.frame)
        made = record(
            RecordRequest(
                paths=(path,),
                folder=request.out,
                now_ns=request.now_ns,
                playbook=playbook,
                instrument=request.instrument,
                settings=request.settings,
            ),
            progress,
        )
    line = RecordingLine(
        market=made.markets[0],
        playbook=playbook,
        inputs=made.inputs,
        segments=made.segments,
        trades=made.trades,
    )
    return line, made.assumed


def _stem(path: Path) -> str:
    """A file's name without all of its endings that say how it is packed."""
    name = path.name
    for ending in (".zip", ".gz", ".csv", ".txt", ".tsv", ".pq", PARQUET):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name or path.name


def _check_place(out: Path, *, force: bool) -> None:
    if out.suffix.lower() != PARQUET:
        if out.suffix and not out.is_dir():
            raise BadUsage(
                f"--out {out}: ends in {out.suffix!r}; name it .parquet for ticks, or name a "
                "folder for a recording"
            )
        check_folder(out)
        return
    if out.is_dir():
        raise BadInput(f"{out}: is a folder; name a file in it")
    if out.exists() and not force:
        raise BadInput(f"{out}: is there already; name another --out, or add --force")
    if not out.parent.is_dir():
        raise BadInput(f"{out.parent}: there is no such folder; make it, or name another place")


def _write(out: Path, frame: pl.DataFrame) -> None:
    """Whole or not at all."""
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        try:
            frame.write_parquet(part)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"{out}: cannot be written ({error.strerror}); name a place with room that is yours"
        ) from error


def _line(planned: Plan) -> PlanLine:
    fields = []
    for each in planned.laid.found:
        values = planned.frame[each.column].drop_nulls()
        fields.append(
            FieldLine(
                field=each.field,
                column=each.column,
                unit=_unit(planned, each.field),
                confidence=each.confidence.word.replace("_", " "),
                example=str(values[0]) if len(values) else "nothing",
            )
        )
    taken = {each.column for each in planned.laid.found}
    return PlanLine(
        file=str(planned.path),
        shape=planned.laid.shape,
        content=planned.content.word,
        rows=planned.frame.height,
        fields=fields,
        unread=[name for name in planned.frame.columns if name not in taken],
    )


def _unit(planned: Plan, field: str) -> str:
    found = {"time": planned.times, "received": planned.received}.get(field)
    if found is None:
        return _UNITS[field]
    if found.unit is TimeUnit.TEXT:
        return f"text, {found.zone or 'with its zone'}"
    return f"{found.unit.word} since 1970, UTC"
