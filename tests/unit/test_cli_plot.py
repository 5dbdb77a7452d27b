"""`autoscalper replay --plot`: a figure is written whole, or nothing is even folded."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agent.app import run_replay
from agent.cli import main
from agent.replay.outcome import Progress, ReplayOutcome
from agent.replay.request import ReplayRequest
from domain.errors import BadInput
from plot_samples import traded
from sample_market import sample_frame
from source_tree import ROOT

Texts = pytest.CaptureFixture[str]


class Drawable:
    """Answers with a replay that can be drawn."""

    def __init__(self) -> None:
        self.asked: list[ReplayRequest] = []

    def __call__(self, request: ReplayRequest, progress: Progress) -> ReplayOutcome:
        self.asked.append(request)
        drawn = traded()
        pictures = drawn.pictures if request.pictures else None
        return ReplayOutcome(summary=drawn.summary, trades=list(drawn.trades), pictures=pictures)


@pytest.mark.parametrize(("name", "head"), [("a.html", b"<!doctype html>"), ("a.PNG", b"\x89PNG")])
def test_a_plot_is_written_beside_the_report(
    tmp_path: Path, capsys: Texts, name: str, head: bytes
) -> None:
    place = tmp_path / name
    assert main(["replay", "a.parquet", "--plot", str(place)], Drawable()) == 0
    out, err = capsys.readouterr()
    assert place.read_bytes().startswith(head)
    assert out.startswith("Replay of baseline")
    assert err == f"{place}: written.\n"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize(
    ("place", "code", "why"),
    [
        ("a.svg", 2, "ends in '.svg'; name it .html for a page or .png for a picture"),
        ("plain", 2, "has no ending"),
        ("none/a.html", 1, "there is no such folder; make it"),
        ("folder.png", 1, "is a folder; name a file in it"),
        ("x" * 250 + ".png", 1, "cannot be written (File name too long)"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_folded(
    tmp_path: Path, capsys: Texts, place: str, code: int, why: str
) -> None:
    (tmp_path / "folder.png").mkdir()
    replay = Drawable()
    assert main(["replay", "a.parquet", "--plot", str(tmp_path / place)], replay) == code
    assert why in capsys.readouterr().err
    assert replay.asked == []


def test_a_replay_that_fails_leaves_nothing_where_its_plot_was_to_be(tmp_path: Path) -> None:
    def failing(request: ReplayRequest, progress: Progress) -> ReplayOutcome:
        raise BadInput("a.parquet: there is no such file")

    assert main(["replay", "a.parquet", "--plot", str(tmp_path / "a.html")], failing) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", [["--repeat", "2"], ["--sweep", "grid.toml"], ["--verify"]])
def test_plot_is_refused_with_what_is_not_one_replay(
    tmp_path: Path, capsys: Texts, other: list[str]
) -> None:
    replay = Drawable()
    place = tmp_path / "a.html"
    assert main(["replay", "a.parquet", "--plot", str(place), *other], replay) == 2
    assert "plot" in capsys.readouterr().err
    assert (replay.asked, place.exists()) == ([], False)


def test_nothing_is_remembered_for_figures_that_nobody_asked_for() -> None:
    replay = Drawable()
    main(["replay", "a.parquet"], replay)
    assert not replay.asked[0].pictures


def test_what_draws_is_not_loaded_where_nothing_is_drawn() -> None:
    code = "import sys, agent.app, agent.cli.replay; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_replay_of_one_tick_can_be_drawn(tmp_path: Path) -> None:
    path, place = tmp_path / "SAMPLE.parquet", tmp_path / "a.html"
    sample_frame(1).head(1).write_parquet(path)
    assert main(["replay", str(path), "--plot", str(place)]) == 0
    assert "This playbook did not trade here." in place.read_text()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReplayOutcome, ReplayOutcome]:
    """The same replay without pictures and with them."""
    path = tmp_path_factory.mktemp("ticks") / "SAMPLE.parquet"
    sample_frame(600).write_parquet(path)
    request = ReplayRequest(paths=(path,), playbook="probe")
    with_pictures = ReplayRequest(paths=(path,), playbook="probe", pictures=True)
    return tuple(run_replay(each, lambda *_: None) for each in (request, with_pictures))  # type: ignore[return-value]


def test_a_replay_that_is_drawn_decides_as_one_that_is_not(
    drawn: tuple[ReplayOutcome, ReplayOutcome],
) -> None:
    plain, pictured = drawn
    assert pictured.summary.decision_hash == plain.summary.decision_hash
    assert (pictured.trades, plain.pictures) == (plain.trades, None)
    assert len(plain.trades) > 10


def test_the_equity_drawn_ends_at_what_all_trades_made_and_falls_as_far_as_the_report_says(
    drawn: tuple[ReplayOutcome, ReplayOutcome],
) -> None:
    summary, pictures = drawn[1].summary, drawn[1].pictures
    assert pictures is not None
    end = float(summary.start_equity + summary.money.net)
    assert pictures.equity.equity[-1] == pytest.approx(end, abs=1e-5)
    fall = float((pictures.equity.peak - pictures.equity.equity).max())
    assert 0 < fall <= float(summary.max_drawdown) + 1e-9


def test_the_equity_drawn_moves_while_a_position_is_open(
    drawn: tuple[ReplayOutcome, ReplayOutcome],
) -> None:
    pictures = drawn[1].pictures
    assert pictures is not None
    assert len(np.unique(pictures.equity.equity)) > 3 * len(drawn[1].trades)


def test_each_trade_has_an_excursion_on_both_sides_of_its_result_before_costs(
    drawn: tuple[ReplayOutcome, ReplayOutcome],
) -> None:
    pictures, trades = drawn[1].pictures, drawn[1].trades
    assert pictures is not None
    assert len(pictures.excursions) == len(trades)
    for trade, way in zip(trades, pictures.excursions, strict=True):
        assert way.worst <= way.best
        assert way.worst <= trade.money.net + trade.money.fees + trade.money.slippage * 2
