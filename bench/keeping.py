"""What recording and ledgers cost: the same ticks folded without them, and with all of them."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec.structs import replace

from agent.core.auto_scalper import AutoScalper
from agent.core.market_book import MarketBook
from agent.replay.events import Due, events_of
from agent.replay.loading import load
from agent.replay.warm_up import warm_up
from agent.service.book_keeper import BookKeeper
from agent.service.loop import RecordedOutputs
from agent.service.served import Keeping
from config.catalog import load_playbook
from config.settings import Settings, load_settings
from config.settings_text import settings_text
from db.connections import FileSpec
from db.ledgers import open_ledger, open_telemetry
from db.recording.format import Opened, SegmentHeader, layout_of, this_build
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.enums import FileKind, Mode
from domain.events import RunStarted
from domain.portfolio import Portfolio
from domain.ports import Listeners
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET
from domain.rows.stop import STOP
from domain.units import TsNs
from execution.paper import PaperBroker
from market.history.merge import merge, repetitions
from risk.engine import RiskEngine

_PIECE: Final = 32_768  # ticks handed to the recorder and then folded
_SETTLE: Final = 100_000  # ticks between two looks of the books; nobody waits for them
_REPEATS: Final = 100
_AHEAD: Final = 16 << 20  # bytes that may wait for the recorder: a replay waits, and loses nothing
_POLL_S: Final = 2e-4
_BEST_OF: Final = 3
SETTINGS: Final = Path(__file__).parent / "settings.toml"
_PLAYBOOKS: Final = Path(__file__).resolve().parent / "playbooks"


class _Run:
    """One fold of all repetitions, with or without files."""

    def __init__(self, path: Path, playbook: str, home: Path | None) -> None:
        settings = _settings()
        rules = load_playbook(playbook)
        loaded = load((path,), None, settings.account, lambda _stage, _done, _total: None)
        timeline = merge(loaded.sources, loaded.leading)
        warm_up(settings)
        names = [market.instrument.name for market in loaded.markets]
        start = settings.account.start_equity
        self.book = MarketBook(start, settings.limits, len(names))
        self.keeping = None if home is None else _open(home)
        self.keeper = BookKeeper(self.book)
        heard = Listeners((), _Deaf())
        if self.keeping is not None:
            sinks = (RecordedOutputs(self.keeping.recording), self.keeper)
            heard = Listeners(sinks, self.keeper)
        self.portfolio = Portfolio(start)
        self.core = AutoScalper(
            self.book,
            RiskEngine(settings.limits, settings.groups, settings.protections, start),
            PaperBroker(self.book.rows),
            self.portfolio,
            heard,
        )
        self.seq = 0
        self.ticks = 0
        self.settled = 0
        first_ns = int(timeline.ticks["event_ns"][0])
        if self.keeping is not None:
            header = SegmentHeader(
                build=this_build(),
                mode="simulated",
                epoch=1,
                number=1,
                created_ns=TsNs(first_ns),
                event_ns=TsNs(first_ns),
                markets=tuple(names),
                state_layout=layout_of(MARKET, ACCOUNT, STOP),
                settings=settings_text(settings),
                opened=Opened.START,
            )
            self.keeping.recording.open(self.keeping.folder, header, self.core.snapshot(), 0)
        previous_ns = 0
        self.played: list[tuple[Rows, list[Due]]] = []
        for repetition in repetitions(timeline, _REPEATS):
            account = settings.account
            due = events_of(repetition, loaded.markets, rules, account, previous_ns)
            self.played.append((repetition.ticks, due))
            previous_ns = int(repetition.ticks["event_ns"][-1])

    def fold(self) -> float:
        """Seconds; the files are complete when it returns."""
        started = time.perf_counter()
        first = True
        for ticks, events in self.played:
            at = 0
            for due in events:
                self._ticks(ticks[at : due.index])
                at = due.index
                self._event(due)
                if first and self.keeping is not None:
                    first = False
                    self.core.apply(RunStarted(event_ns=due.event.event_ns, epoch=1, state=None))
                    self.keeper.opened(int(due.event.event_ns), {})
            self._ticks(ticks[at:])
        if self.keeping is not None:
            self.keeping.recording.close()
            assert self.keeping.recording.status.lost_inputs == 0
            for each in (self.keeping.telemetry, self.keeping.manual, self.keeping.auto):
                each.close()
        return time.perf_counter() - started

    def _event(self, due: Due) -> None:
        if self.keeping is not None:
            self.keeping.recording.put_event(self.seq, due.event)
        self.seq += 1
        self.core.apply(due.event)
        self._settle()

    def _ticks(self, ticks: Rows) -> None:
        for start in range(0, len(ticks), _PIECE):
            piece = ticks[start : start + _PIECE]
            if self.keeping is not None:
                recording = self.keeping.recording
                while recording.status.queued_bytes > _AHEAD:
                    time.sleep(_POLL_S)
                recording.put_ticks(self.seq, piece)
            self.seq += len(piece)
            self.ticks += len(piece)
            self.core.fold(piece)
            if self.ticks - self.settled >= _SETTLE:
                self.settled = self.ticks
                self._settle()

    def _settle(self) -> None:
        if self.keeping is None:
            return
        pages = self.keeper.settle(self.core, int(self.book.stop["now_ns"]))
        if pages.auto:
            self.keeping.auto.put(pages.auto)
        if pages.telemetry:
            self.keeping.telemetry.put(pages.telemetry)


def _settings() -> Settings:
    """Those of the bench, with a memory of slippage as long as a replay's.

    Without an end it would hold every order so far, and so would each state that is kept.
    """
    settings = load_settings(SETTINGS)
    limits = replace(settings.limits, slippage_orders=10, max_slippage_bps=1e9)
    return replace(settings, limits=limits)


class _Deaf:
    """A journal that keeps nothing."""

    def reviewed(self, order: object, verdict: object) -> None:
        """Nothing."""

    def filled(self, fill: object, change: object) -> None:
        """Nothing."""

    def funded(self, market: int, event: object, amount: object) -> None:
        """Nothing."""


def measure_keeping(path: Path) -> None:
    """Print both, and their ratio, for a playbook that trades seldom and two that trade often."""
    print(
        "\n| playbook | ticks | trades | without, M ticks/s | with all files, M ticks/s | ratio |"
    )
    print("|---|---|---|---|---|---|")
    for playbook in (
        str(_PLAYBOOKS / "sparse.toml"),
        "baseline",
        "probe",
        str(_PLAYBOOKS / "dense.toml"),
    ):
        without = min(_seconds(path, playbook, None) for _ in range(_BEST_OF))
        kept: list[tuple[float, int, int]] = []
        for _ in range(_BEST_OF):
            with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
                run = _Run(path, playbook, Path(folder))
                kept.append((run.fold(), run.ticks, run.portfolio.totals.trades))
        seconds, ticks, trades = min(kept)
        print(
            f"| {Path(playbook).stem} | {ticks:,} | {trades:,} | {ticks / without / 1e6:.1f} "
            f"| {ticks / seconds / 1e6:.1f} | {seconds / without:.2f} |"
        )


def _seconds(path: Path, playbook: str, home: Path | None) -> float:
    return _Run(path, playbook, home).fold()


def _open(home: Path) -> Keeping:
    def spec(kind: FileKind) -> FileSpec:
        return FileSpec(home=home, mode=Mode.SIMULATED, kind=kind, account="bench")

    return Keeping(
        auto=open_ledger(spec(FileKind.AUTO)),
        manual=open_ledger(spec(FileKind.MANUAL)),
        telemetry=open_telemetry(spec(FileKind.TELEMETRY)),
        recording=RecordingWriter(ThreadWorker("recorder")),
        folder=home / "recordings",
    )
