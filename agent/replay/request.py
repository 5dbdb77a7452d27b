"""What to replay or to sweep, as values that can travel to another process."""

from pathlib import Path

import msgspec


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Files and choices of one replay.

    paths         Parquet files of ticks, at least one.
    playbook      name of a shipped playbook, or path of a file.
    instrument    name or path of the instrument of all files; None finds it by each file's name.
    repeat        how often the files are played, with shifted stamps.
    chunk         most ticks folded in one call; 0 means all. It cannot change any decision.
    reference     files of the one instrument that leads every market and is not traded for it.
    settings      a settings file instead of the defaults.
    funding       Parquet files of funding rates.
    pictures      remember what figures are drawn from; for one play of the files (`repeat` 1).
    """

    paths: tuple[Path, ...]
    playbook: str = "baseline"
    instrument: str | None = None
    repeat: int = 1
    chunk: int = 0
    settings: Path | None = None
    funding: tuple[Path, ...] = ()
    reference: tuple[Path, ...] = ()
    pictures: bool = False


class SweepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Files and choices of one sweep; what it varies stands in the file `sweep`.

    jobs       worker processes, at least 1; None starts one for each core of the machine.
    funding    Parquet files of funding rates.
    reference  files of the one instrument that leads every market.
    """

    paths: tuple[Path, ...]
    sweep: Path
    instrument: str | None = None
    settings: Path | None = None
    jobs: int | None = None
    funding: tuple[Path, ...] = ()
    reference: tuple[Path, ...] = ()
