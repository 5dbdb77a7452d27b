"""A replay with a reference: its gates act by it, and nothing else changes."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from agent.app import run_replay
from agent.cli import main
from agent.core.auto_scalper import AutoScalper
from agent.replay.driver import drive
from agent.replay.events import events_of
from agent.replay.loading import load
from agent.replay.outcome import ReplayOutcome
from agent.replay.paper_core import PaperCore
from agent.replay.request import ReplayRequest, SweepRequest
from agent.replay.sweep import run_sweep
from config.catalog import load_playbook
from config.settings import load_settings
from core_cases import Keep
from domain.arrays import Rows
from domain.ports import Listeners
from domain.units import SECOND_NS
from execution.paper import PaperBroker
from market.history.merge import merge
from recorded import recorded
from sample_market import FIRST_NS, sample_frame
from source_tree import ROOT

SECONDS: Final = 600
PROBE: Final = (ROOT / "config" / "playbooks" / "probe.toml").read_text(encoding="utf-8")
GATES: Final = {
    "reference": 'min_move = "1tick"\nstreak = 2\nmax_age_s = 5.0',
    "relative_strength": "window_s = 5\nmin_bps = 2.0",
    "index_bias": 'source = "reference"\nframe = "5s"\nbias = "strong"\nmin_score = 2',
}
GRID: Final = """
base = "{base}"
[vary]
"gates.reference.streak" = [1, 3]
"""
SWITCHING: Final = """
schema = 1
name = "switching"
sentence = "The probe, until it lost twice."
start = "probe"
[[switches]]
playbook = "{playbook}"
losses_in_a_row = 2
"""
Texts = pytest.CaptureFixture[str]


def own_playbook(folder: Path, *gates: str) -> Path:
    """The probe with these gates on as well."""
    path = folder / ("-".join(gates) + ".toml")
    text = PROBE
    for gate in gates:
        section = f'[gates.{gate}]\nmode = "on"\nwhen_missing = "block"\n{GATES[gate]}\n'
        text, found = re.subn(rf"\[gates\.{gate}\]\n(?:(?!\[).*\n?)*", f"{section}\n", text)
        assert found == 1
    path.write_text(text)
    return path


def prices(path: Path, values: Sequence[float], kind: str = "trade") -> Path:
    """Two prices a second, from the sample's first second on."""
    stamps = FIRST_NS + SECOND_NS // 2 * np.arange(len(values))
    frame = {"ts_ns": stamps, "recv_ns": stamps, "kind": kind, "price": values, "size": 1.0}
    pl.DataFrame(frame).write_parquet(path)
    return path


def moving(path: Path, step: float, kind: str = "trade") -> Path:
    """A reference that moves by one step all the time."""
    return prices(path, np.round(1000 + step * np.arange(2 * SECONDS), 2).tolist(), kind)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Path:
    """Ten generated minutes of a market that can be sold short."""
    sample_frame(SECONDS).write_parquet(folder / "sample.parquet")
    return folder / "sample.parquet"


@pytest.fixture(scope="module")
def pair(folder: Path) -> list[Path]:
    """Two more markets of these minutes."""
    for seed, name in enumerate(("ONEUSD", "TWOUSD"), 40):
        sample_frame(SECONDS, seed).write_parquet(folder / f"{name}.parquet")
    return [folder / "ONEUSD.parquet", folder / "TWOUSD.parquet"]


@pytest.fixture(scope="module")
def walk(folder: Path) -> Path:
    """A described reference that goes up and down."""
    path = folder / "BTCUSDT-spot-1.parquet"
    sample_frame(SECONDS, 99).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def all_three(folder: Path) -> Path:
    """The probe, with a relative strength that lets something through."""
    path = own_playbook(folder, *GATES)
    path.write_text(path.read_text().replace("min_bps = 2.0", "min_bps = -2.0"))
    return path


def unheard(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def replay(*paths: Path, playbook: Path | str = "probe", **options: Any) -> ReplayOutcome:  # noqa: ANN401
    return run_replay(ReplayRequest(paths=paths, playbook=str(playbook), **options), unheard)


def sides(outcome: ReplayOutcome) -> set[str]:
    return {trade.side for trade in outcome.trades}


def said(traded: Path, reference: Path, playbook: Path) -> Rows:
    """Everything that the core says."""
    settings, rules, kept = load_settings(), load_playbook(str(playbook)), Keep()
    loaded = load([traded], None, settings.account, unheard, [reference])
    timeline = merge(loaded.sources, loaded.leading)
    paper = PaperCore(settings, ["SAMPLE"])
    broker = PaperBroker(paper.book.rows)
    core = AutoScalper(
        paper.book, paper.risk, broker, paper.portfolio, Listeners([kept], paper.journal)
    )
    events = events_of(timeline, loaded.markets, rules, settings.account, 0)
    drive(core, timeline.ticks, events, len(timeline.ticks), lambda _count: None)
    return kept.rows


@pytest.mark.parametrize("kind", ["trade", "index"])
@pytest.mark.parametrize(
    ("gate", "rising", "falling"),
    [
        ("reference", "long", "short"),
        ("index_bias", "long", "short"),
        ("relative_strength", "short", "long"),  # the market lags behind one that rises
    ],
)
def test_gate_lets_through_one_side_and_with_the_reference_turned_the_other(
    sample: Path, tmp_path: Path, gate: str, rising: str, falling: str, kind: str
) -> None:
    playbook = own_playbook(tmp_path, gate)
    up, down = (moving(tmp_path / f"{step}.parquet", step, kind) for step in (0.5, -0.5))
    free = replay(sample, playbook=playbook)
    led = [replay(sample, playbook=playbook, reference=(path,)) for path in (up, down)]
    assert sides(free) == {"long", "short"}
    assert [sides(each) for each in led] == [{rising}, {falling}]
    assert gate not in free.summary.rejections
    assert all(each.summary.rejections[gate] > 100 for each in led)


def test_reference_that_no_gate_asks_changes_no_decision(sample: Path, walk: Path) -> None:
    alone, led = replay(sample).summary, replay(sample, reference=(walk,)).summary
    assert led.decision_hash == alone.decision_hash
    assert led.markets == alone.markets
    assert (led.ticks, led.files) == (alone.ticks, alone.files)


def test_pieces_change_no_decision(sample: Path, walk: Path, all_three: Path) -> None:
    whole = replay(sample, playbook=all_three, reference=(walk,)).summary
    pieces = replay(sample, playbook=all_three, reference=(walk,), chunk=7).summary
    assert whole.trades > 5
    assert pieces.decision_hash == whole.decision_hash


def test_repeating_plays_the_reference_again_too(sample: Path, walk: Path, all_three: Path) -> None:
    once, thrice = (
        replay(sample, playbook=all_three, reference=(walk,), repeat=count) for count in (1, 3)
    )
    assert thrice.summary.trades == 3 * once.summary.trades > 0
    assert thrice.summary.money.net == 3 * once.summary.money.net
    first, third = once.summary.reference, thrice.summary.reference
    assert first is not None
    assert third is not None
    assert (third.ticks, third.folded) == (3 * first.ticks, 3 * first.folded)
    assert third.files == first.files


def test_two_markets_are_each_led_as_if_alone(
    pair: list[Path], walk: Path, all_three: Path
) -> None:
    together = replay(*pair, playbook=all_three, reference=(walk,))
    assert together.summary.refusals == {}
    assert together.summary.reference is not None
    for path in pair:
        alone = replay(path, playbook=all_three, reference=(walk,))
        assert [t for t in together.trades if t.market == path.stem] == alone.trades != []
        assert together.summary.markets[path.stem] == alone.summary.markets[path.stem]
        assert together.summary.reference.delivered[path.stem] > 11_000


@pytest.mark.parametrize("place", [0, 5_000, 11_500])
def test_noise_after_a_tick_of_the_reference_changes_nothing_said_until_then(
    sample: Path, walk: Path, tmp_path: Path, all_three: Path, place: int
) -> None:
    frame = pl.read_parquet(walk)
    shaken = pl.col("price", "bid", "ask") + pl.lit(np.arange(len(frame)) % 7 // 2)
    noise = frame.with_columns(shaken)
    other = tmp_path / walk.name
    pl.concat([frame[:place], noise[place:]]).write_parquet(other)
    until_ns = frame["recv_ns"][place]
    first, second = said(sample, walk, all_three), said(sample, other, all_three)
    before = [rows[rows["event_ns"] <= until_ns].tobytes() for rows in (first, second)]
    assert before[0] == before[1]
    assert first.tobytes() != second.tobytes()


def test_market_that_starts_in_the_midst_of_the_reference_knows_nothing_from_before(
    sample: Path, tmp_path: Path, walk: Path, all_three: Path
) -> None:
    frame, start_ns = pl.read_parquet(sample), FIRST_NS + 300 * SECOND_NS
    late, rest = tmp_path / sample.name, tmp_path / walk.name
    frame.filter(pl.col("recv_ns") >= start_ns).write_parquet(late)
    pl.read_parquet(walk).filter(pl.col("recv_ns") >= start_ns).write_parquet(rest)
    led, cut = (replay(late, playbook=all_three, reference=(path,)) for path in (walk, rest))
    assert led.summary.not_ready["reference"] > 0
    assert led.summary.decision_hash == cut.summary.decision_hash


def test_reference_in_several_files_is_one(
    sample: Path, tmp_path: Path, walk: Path, all_three: Path
) -> None:
    parts = (tmp_path / "BTCUSDT-spot-1.parquet", tmp_path / "BTCUSDT-spot-2.parquet")
    frame = pl.read_parquet(walk)
    frame[:5_000].write_parquet(parts[0])
    frame[5_000:].write_parquet(parts[1])
    whole = replay(sample, playbook=all_three, reference=(walk,)).summary
    split = replay(sample, playbook=all_three, reference=parts[::-1]).summary
    assert split.decision_hash == whole.decision_hash


def test_reference_elsewhere_in_time_blocks_and_is_warned_of(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "LEAD.parquet"
    late = pl.col("ts_ns", "recv_ns") + 3600 * SECOND_NS
    pl.read_parquet(sample).with_columns(late).write_parquet(path)
    summary = replay(
        sample, playbook=own_playbook(tmp_path, "reference"), reference=(path,)
    ).summary
    assert summary.trades == 0
    assert summary.not_ready["reference"] == summary.rejections["reference"] > 0
    warning = "WARNING reference LEAD: none of its ticks falls into the time of SAMPLE"
    assert warning in summary.assumed


def test_bad_ticks_of_the_reference_are_counted_with_its_file(sample: Path, tmp_path: Path) -> None:
    path = prices(tmp_path / "LEAD.parquet", [1000.0, 0.0, float("nan"), *[1000.0] * 900])
    summary = replay(sample, reference=(path,)).summary
    assert summary.ticks_dropped == {}
    assert summary.reference is not None
    assert summary.reference.files[0].dropped == {"non_finite": 1, "zero": 1}
    assert summary.reference.ticks == summary.reference.files[0].ticks == 901


def test_market_may_lead_itself_and_others(pair: list[Path], all_three: Path) -> None:
    led = replay(*pair, playbook=all_three, reference=(pair[0],)).summary
    assert led.reference is not None
    assert list(led.reference.delivered) == ["ONEUSD", "TWOUSD"]
    told = "reference ONEUSD: is traded too: relative_strength compares it with itself"
    assert told in led.assumed
    assert list(led.markets) == ["ONEUSD", "TWOUSD"]
    assert led.markets["TWOUSD"].trades > 0


def test_only_without_a_reference_its_gates_are_said_to_be_off(
    sample: Path, walk: Path, all_three: Path
) -> None:
    told = (
        "no reference instrument: reference, relative_strength, index_bias of the playbook are off"
    )
    assert told in replay(sample, playbook=all_three).summary.assumed
    led = replay(sample, playbook=all_three, reference=(walk,)).summary
    assert not [each for each in led.assumed if "no reference instrument" in each]


def test_gates_of_a_playbook_that_may_be_switched_to_are_said_to_be_off_too(
    sample: Path, walk: Path, tmp_path: Path
) -> None:
    led = own_playbook(tmp_path, "reference")
    path = tmp_path / "switching.toml"
    path.write_text(SWITCHING.format(playbook=led.stem))
    told = "no reference instrument: reference of the playbook is off"
    assert told in replay(sample, playbook=path).summary.assumed
    assert told not in replay(sample, playbook=path, reference=(walk,)).summary.assumed


def test_sweep_says_which_gates_of_any_set_are_off_without_a_reference(
    sample: Path, walk: Path, tmp_path: Path
) -> None:
    grid = tmp_path / "grid.toml"
    grid.write_text('base = "probe"\n[vary]\n"gates.reference.mode" = ["off", "on"]\n')
    request = SweepRequest(paths=(sample,), sweep=grid, jobs=1)
    told = "no reference instrument: reference of the playbook is off"
    assert told in run_sweep(request, unheard).assumed
    assert told not in run_sweep(replace(request, reference=(walk,)), unheard).assumed


@pytest.mark.parametrize("jobs", [1, 2])
def test_set_of_a_sweep_is_what_a_replay_with_the_reference_is(
    sample: Path, tmp_path: Path, walk: Path, jobs: int
) -> None:
    base = own_playbook(tmp_path, "reference")
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID.format(base=base))
    request = SweepRequest(paths=(sample,), sweep=grid, jobs=jobs, reference=(walk,))
    swept = run_sweep(request, unheard)
    assert swept.ways == 2
    for one in swept.sets:
        streak = f"streak = {one.changes['gates.reference.streak']}\nmax_age_s"
        base.write_text(base.read_text().replace("streak = 2\nmax_age_s", streak))
        plain = replay(sample, playbook=base, reference=(walk,)).summary
        base.write_text(base.read_text().replace(streak, "streak = 2\nmax_age_s"))
        assert (one.decision_hash, one.net) == (plain.decision_hash, plain.money.net)
        assert swept.reference == plain.reference


def test_command_tells_the_reference_in_text_and_json(
    sample: Path, walk: Path, capsys: Texts
) -> None:
    command = ["replay", str(sample), "--reference", str(walk)]
    assert main(command) == 0
    assert "reference BTCUSDT-spot: BTCUSDT-spot-1.parquet, 2024-01-01" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reference"]["instrument"] == "BTCUSDT-spot"
    assert list(found["markets"]) == ["SAMPLE"]


def test_two_references_exit_with_2_and_are_named(sample: Path, walk: Path, capsys: Texts) -> None:
    command = ["replay", str(sample), "--reference", str(walk), "--reference", str(sample)]
    assert main(command) == 2
    told = f"--reference {walk} is BTCUSDT-spot and --reference {sample} is SAMPLE"
    assert told in capsys.readouterr().err


@pytest.mark.data
def test_recorded_reference_acts_and_pieces_do_not_matter(tmp_path: Path) -> None:
    traded, btc = (
        recorded(f"ticks/crypto/{name}-spot-20240808.parquet") for name in ("ETHUSDT", "BTCUSDT")
    )
    playbook = own_playbook(tmp_path, "reference")
    led, pieces = (
        replay(traded, playbook=playbook, reference=(btc,), chunk=chunk).summary
        for chunk in (0, 999)
    )
    assert led.decision_hash == pieces.decision_hash
    assert 0 < led.trades < replay(traded, playbook=playbook).summary.trades
