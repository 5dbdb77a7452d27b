"""The files of a mode, opened for an engine: ledgers, telemetry and the recorder."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from agent.service.recovery import specs_of
from agent.service.served import Keeping
from db.connections import FileSpec
from db.ledgers import open_ledger, open_telemetry
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.enums import FileKind

RECORDINGS: Final = "recordings"


def open_keeping(
    spec: FileSpec, recordings: Path | None = None
) -> tuple[Keeping, Mapping[FileKind, FileSpec]]:
    """All files of the mode that `spec` names, each with a writer of its own.

    recordings  where they go; None: beside the ledgers. What `db.connections.open_file` raises
    leaves nothing open.
    """
    specs = specs_of(spec)
    with ExitStack() as opened:
        auto = open_ledger(specs[FileKind.AUTO])
        opened.callback(auto.close)
        manual = open_ledger(specs[FileKind.MANUAL])
        opened.callback(manual.close)
        telemetry = open_telemetry(specs[FileKind.TELEMETRY])
        opened.pop_all()
    keeping = Keeping(
        auto=auto,
        manual=manual,
        telemetry=telemetry,
        recording=RecordingWriter(ThreadWorker("recording")),
        folder=spec.folder / RECORDINGS if recordings is None else recordings,
    )
    return keeping, specs
