"""Recording: what it costs the thread that folds, what it weighs, and how fast it is read."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.data import data_folder
from db.recording.events import encode_event
from db.recording.format import INPUTS, Opened, SegmentHeader, build_here
from db.recording.reader import segments
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.events import ClockRead, Event
from domain.ports import Worker
from domain.units import TsNs
from market.history.parquet import read_ticks

_FILES: Final = (
    "crypto/BTCUSDT-usdm-20240808",
    "equity/BAC-20131007-20131008",
    "fx/EURUSD-fxcm-20140501-20140509",
)
_PIECES: Final = (1, 3, 10, 100, 500)
_LIVE: Final = 25  # ticks between two flushes of a market with 100 ticks a second
_COST_TICKS: Final = 50_000
_REPEATS: Final = 5


class _NoWorker:
    """Throws jobs away: what remains is the cost of the thread that hands in."""

    def submit(self, job: Callable[[], None]) -> None:
        pass

    def drain(self) -> None:
        pass


def measure_recording(path: Path) -> None:
    """Print the cost for the caller by size of pieces, then size and speed by file."""
    ticks = read_ticks(path, 0).ticks[:_COST_TICKS]
    print(
        "\n| ticks a piece | caller alone, ns a tick | worker beside it, ns a tick |\n|---|---|---|"
    )
    for piece in _PIECES:
        alone, beside = (_cost(ticks, piece, threaded=each) for each in (False, True))
        print(f"| {piece} | {alone:.0f} | {beside:.0f} |")
    print(f"\na clock reading: {_event_cost():.0f} ns more a piece")
    print("\n| file | ticks | flush each | bytes a tick | ratio | write, us a tick "
          "| read, us a tick |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for name in _FILES:
        file = data_folder() / "ticks" / f"{name}.parquet"
        if not file.exists():
            print(f"| {name} | skipped: not in {data_folder()} | | | | | |")
            continue
        rows = read_ticks(file, 0).ticks[: 4 * _COST_TICKS]
        for flush in (_LIVE, 1_000, len(rows)):
            _print_size(file.name, rows, flush)


def _header(rows: Rows) -> SegmentHeader:
    return SegmentHeader(
        build=build_here(None),
        mode="paper",
        epoch=1,
        number=1,
        created_ns=TsNs(0),
        event_ns=TsNs(int(rows["event_ns"][0])),
        markets=("BENCH",),
        state_layout="",
        settings="{}",
        opened=Opened.START,
    )


def _written(worker: Worker, folder: Path, rows: Rows, piece: int) -> float:
    """Seconds of the calling thread for handing everything in."""
    writer = RecordingWriter(worker, queue_bytes=1 << 40, fsync=False)
    writer.open(folder, _header(rows), b"", 0)
    put, pieces = writer.put_ticks, [rows[at : at + piece] for at in range(0, len(rows), piece)]
    started = time.perf_counter()
    for number, each in enumerate(pieces):
        put(number * piece, each)
    spent = time.perf_counter() - started
    writer.close()
    return spent


def _cost(ticks: Rows, piece: int, *, threaded: bool) -> float:
    """Best of some, ns a tick."""
    spent: list[float] = []
    for _ in range(_REPEATS):
        with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
            if not threaded:
                spent.append(_written(_NoWorker(), Path(folder), ticks, piece))
                continue
            worker = ThreadWorker("recorder")
            spent.append(_written(worker, Path(folder), ticks, piece))
            worker.stop()
    return min(spent) / len(ticks) * 1e9


def _event_cost() -> float:
    event = ClockRead(
        event_ns=TsNs(1_700_000_000_000_000_000), now_ns=TsNs(1_700_000_000_000_000_000)
    )
    started = time.perf_counter()
    for _ in range(_COST_TICKS):
        encode_event(event)
    return (time.perf_counter() - started) / _COST_TICKS * 1e9


def _print_size(name: str, rows: Rows, flush: int) -> None:
    with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
        started = time.perf_counter()
        _write_flushed(Path(folder), rows, flush)
        write = time.perf_counter() - started
        (file,) = Path(folder).glob(f"*{INPUTS}")
        size = file.stat().st_size
        started = time.perf_counter()
        read = sum(len(run) for _, run in segments(file)[0].inputs() if not isinstance(run, Event))
        spent = time.perf_counter() - started
    assert read == len(rows)
    count = len(rows)
    each = f"{size / count:.1f} | {rows.itemsize * count / size:.1f}"
    print(f"| {name} | {count:,} | {flush:,} | {each} | {write / count * 1e6:.2f} "
          f"| {spent / count * 1e6:.2f} |")  # fmt: skip


class _Inline(_NoWorker):
    """Does each job at once, so that the time is that of all the work."""

    def submit(self, job: Callable[[], None]) -> None:
        job()


def _write_flushed(folder: Path, rows: Rows, flush: int) -> None:
    writer = RecordingWriter(_Inline(), fsync=False)
    writer.open(folder, _header(rows), b"", 0)
    for at in range(0, len(rows), flush):
        writer.put_ticks(at, rows[at : at + flush])
        writer.flush()
    writer.close()
