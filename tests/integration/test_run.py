"""The service as a process: it starts from a config, trades on paper, stops and goes on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from agent.cli import main
from agent.replay.warm_up import warm_up
from agent.service.account_of import account_of
from agent.service.clock import SystemClock
from agent.service.engine import Engine
from agent.service.feeds import VenueFeed, feeds_of
from agent.service.opened import open_keeping
from agent.service.run import Run, serve
from config.engine_settings import load_engine_settings
from db.connections import FileSpec
from db.recording.reader import segments
from domain.enums import FileKind, Mode
from domain.errors import BadConfig
from domain.events import Gap
from fakes.binance_usdm import BinanceUsdm, binance_usdm
from recorded import recorded
from source_tree import ROOT
from venue_streams import messages

Texts = pytest.CaptureFixture[str]
START = "from agent.cli import main; import sys; sys.exit(main())"
WITHIN_S = 120.0


def config(folder: Path, kind: str, more: str = "") -> Path:
    """What `init` writes, with something added at its end."""
    path = folder / "autoscalper.toml"
    assert main(["init", "--kind", kind, "--output", str(path)]) == 0
    path.write_text(path.read_text() + more)
    return path


def made_from(path: Path) -> None:
    """Make the feeds of a config."""
    settings = load_engine_settings(path)
    feeds_of(settings, account_of(settings), SystemClock(), Random(1))  # noqa: S311 not secret


class Service:
    """`autoscalper run` in a process of its own."""

    def __init__(self, path: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "run", "--config", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
            env={**os.environ, "AUTOSCALPER_HOME": str(home)},
        )  # fmt: skip

    def until(self, words: str) -> str:
        """The line that holds some words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if words in line:
                return line
        raise AssertionError(f"it ended before it said {words!r}")

    def end(self, how: signal.Signals | None) -> int:
        """Send a signal, or wait until it has ended by itself; its exit code."""
        if how is not None:
            self.process.send_signal(how)
        code = self.process.wait(WITHIN_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def test_a_second_instance_is_refused_and_the_first_goes_on_until_it_is_stopped(
    tmp_path: Path,
) -> None:
    path = config(tmp_path, "simulated")
    first = Service(path, tmp_path / "home")
    assert "SIMULATED: run 1 serves SIM-COIN" in first.until("serves")
    second = Service(path, tmp_path / "home")
    second.until("Error")
    assert second.end(None) == 4
    began_s = time.monotonic()
    assert first.end(signal.SIGTERM) == 0
    assert time.monotonic() - began_s < 20.0


def test_it_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    path = config(tmp_path, "simulated")
    first = Service(path, tmp_path / "home")
    first.until("serves")
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Service(path, tmp_path / "home")
    assert "run 2 serves" in second.until("serves")
    assert second.end(signal.SIGINT) == 0
    assert main(["replay", str(tmp_path / "home/simulated/recordings"), "--verify"]) == 0


def test_without_a_config_it_says_how_to_write_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Texts
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert main(["run"]) == 4
    assert "autoscalper init" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('\n[venues.binance-usdm]\nrest_url = "https://example.org"\n', "no host of binanceusdm"),
        ('\n[venues.binance-usdm]\nrest_uri = "http://127.0.0.1:1"\n', "rest_uri"),
    ],
)
def test_another_host_than_the_venues_is_refused(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(BadConfig, match=told):
        made_from(config(tmp_path, "crypto", more))


def test_an_instrument_without_a_venue_to_ask_is_refused(tmp_path: Path) -> None:
    path = config(tmp_path, "crypto")
    path.write_text(path.read_text().replace("BTCUSDT-usdm", "SIM-COIN"))
    with pytest.raises(BadConfig, match=r'engine\.mode = "simulated"'):
        made_from(path)


class Paper:
    """A run on paper beside a venue on loopback, in this process."""

    def __init__(self, folder: Path, venue: BinanceUsdm) -> None:
        hosts = f'rest_url = "http://{venue.url}"\nws_url = "ws://{venue.url}"\n'
        settings = load_engine_settings(
            config(folder, "crypto", f"\n[venues.binance-usdm]\n{hosts}")
        )
        warm_up(settings.settings)
        account, clock = account_of(settings), SystemClock()
        spec = FileSpec(home=folder, mode=Mode.PAPER, kind=FileKind.AUTO, account="main")
        keeping, specs = open_keeping(spec)
        feeds = feeds_of(settings, account, clock, Random(5))  # noqa: S311 seeded on purpose
        assert isinstance(feeds[0], VenueFeed)
        self.recordings = keeping.folder
        self.run = Run(account=account, keeping=keeping, specs=specs, feeds=feeds, clock=clock)
        self.stop = asyncio.Event()
        self.ticks = 0

    async def beside(self, engine: Engine) -> None:
        """Count what was folded."""
        while True:
            self.ticks = int(engine.book.rows[0]["tally"]["ticks"])
            await asyncio.sleep(0.005)

    async def folded(self, count: int) -> None:
        """Wait until so many ticks were folded."""
        while self.ticks < count:  # noqa: ASYNC110 the engine has no event for tests
            await asyncio.sleep(0.005)


def test_a_recorded_stream_is_folded_whole_and_its_own_recording_verifies(tmp_path: Path) -> None:
    path = recorded("payloads/binance_usdm_ws_btcusdt_20240808.txt.gz")

    async def scene() -> Path:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            paper = Paper(tmp_path, venue)
            serving = group.create_task(serve(paper.run, paper.stop, paper.beside))
            await venue.until(lambda: len(venue.subscribed) == 2)
            await venue.send(text for _, text in messages(path))
            await paper.folded(18_401)
            paper.stop.set()
            await serving
            return paper.recordings

    assert main(["replay", str(asyncio.run(scene())), "--verify"]) == 0


def test_a_lost_connection_is_a_gap_in_every_market_of_the_venue(tmp_path: Path) -> None:
    trade = (
        '{{"e":"trade","E":1,"T":1723161256321,"s":"BTCUSDT","t":{0},"p":"61800.30",'
        '"q":"0.006","X":"MARKET","m":true}}'
    )

    async def scene() -> Path:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            paper = Paper(tmp_path, venue)
            serving = group.create_task(serve(paper.run, paper.stop, paper.beside))
            await venue.until(lambda: len(venue.subscribed) == 2)
            await venue.send([trade.format(1)])
            await paper.folded(1)
            await venue.drop()
            await venue.until(lambda: len(venue.subscribed) == 4)
            await venue.send([trade.format(2)])
            await paper.folded(2)
            paper.stop.set()
            await serving
            return paper.recordings

    found = [each for part in segments(asyncio.run(scene())) for _, each in part.inputs()]
    gaps = [(each.market, each.slot) for each in found if isinstance(each, Gap)]
    assert gaps == [("BTCUSDT-usdm", 0)]
