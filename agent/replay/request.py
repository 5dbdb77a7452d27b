"""What to replay, as a value that can travel to another process."""

from pathlib import Path

import msgspec


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Files and choices of one replay.

    paths         Parquet files of ticks, at least one.
    playbook      name of a shipped playbook, or path of a file.
    instrument    name or path of the instrument of all files; None finds it by each file's name.
    repeat        how often the files are played, with shifted stamps.
    chunk         most ticks folded in one call; 0 means all. It cannot change any decision.
    settings      a settings file instead of the defaults.
    """

    paths: tuple[Path, ...]
    playbook: str = "baseline"
    instrument: str | None = None
    repeat: int = 1
    chunk: int = 0
    settings: Path | None = None
