"""The files of a mode, opened for an engine: ledgers, telemetry and the recorder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from agent.service.recovery import specs_of
from agent.service.served import Keeping
from db.connections import FileSpec
from db.ledgers import open_ledger, open_telemetry
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.enums import FileKind
from domain.errors import AutoScalperError

RECORDINGS: Final = "recordings"


def open_keeping(
    spec: FileSpec, recordings: Path | None = None
) -> tuple[Keeping, Mapping[FileKind, FileSpec]]:
    """All files of the mode that `spec` names, each with a writer of its own.

    recordings  where they go; None: beside the ledgers. What `db.connections.open_file` raises
    leaves nothing open.
    """
    specs = specs_of(spec)
    closers: list[Callable[[], None]] = []
    try:
        auto = open_ledger(specs[FileKind.AUTO])
        closers.append(auto.close)
        manual = open_ledger(specs[FileKind.MANUAL])
        closers.append(manual.close)
        telemetry = open_telemetry(specs[FileKind.TELEMETRY])
    except AutoScalperError:
        for close in closers:
            close()
        raise
    keeping = Keeping(
        auto=auto,
        manual=manual,
        telemetry=telemetry,
        recording=RecordingWriter(ThreadWorker("recording")),
        folder=spec.folder / RECORDINGS if recordings is None else recordings,
    )
    return keeping, specs
