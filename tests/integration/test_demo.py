"""The demo: a whole engine on a simulated market, that keeps nothing it was not asked to keep."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.cli import main
from agent.core.decision_hash import DecisionHash
from agent.demo.show import Wish
from db.connections import FileSpec
from db.read import open_reader
from db.recording.reader import segments
from demo_cases import PAST_S, Hasty, Seen, session
from domain.enums import ExitReason, FileKind, Mode
from domain.ledger import TradeRow
from domain.units import SECOND_NS
from market.simulated.models import START_NS
from reporting.amounts import utc
from reporting.live.picture import Picture
from source_tree import ROOT

Texts = pytest.CaptureFixture[str]
START = "from agent.cli import main; import sys; sys.exit(main())"
WITHIN_S = 120.0


class Kept:
    """A recorded session: what it printed, and where it lies."""

    def __init__(self, folder: Path, printed: str) -> None:
        self.folder = folder
        self.printed = printed

    @property
    def commands(self) -> list[list[str]]:
        """What it says to try next."""
        lines = self.printed.split("\nNext\n")[1].splitlines()
        return [line.partition("   #")[0].split()[1:] for line in lines if line]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("demo") / "kept"
    options = ["--for", "2s", "--past", "15m", "--headless", "--record", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", START, "demo", *options],
        capture_output=True, text=True, check=False, timeout=WITHIN_S, cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return Kept(folder, done.stdout)


def test_a_piped_demo_is_plain_lines_that_say_simulated_and_explain_a_trade(kept: Kept) -> None:
    assert "\x1b" not in kept.printed
    assert "SIMULATED market" in kept.printed
    assert re.search(
        r"Every gate of baseline passed and risk approved it: it (bought|sold)", kept.printed
    )
    assert re.search(r"It left as .*, filled at [\d,.]+, last at ", kept.printed)


def test_what_it_recorded_verifies(kept: Kept, capsys: Texts) -> None:
    assert main(["replay", str(kept.folder), "--verify"]) == 0
    assert re.match(r"Verified: [\d,]+ outputs of [\d,]+ ticks are equal", capsys.readouterr().out)


def test_each_command_it_names_works(kept: Kept, capsys: Texts) -> None:
    assert [each[0] for each in kept.commands] == ["replay", "why", "ledger"]
    for command in kept.commands:
        assert main(command) == 0
        assert capsys.readouterr().out


LEFT = re.compile(r"SIM-\w+ (left its|held its position at \S+ it was leaving, as)")


def test_why_tells_how_the_last_trade_was_left(kept: Kept, capsys: Texts) -> None:
    assert main(kept.commands[1]) == 0
    out = capsys.readouterr().out
    assert LEFT.match(out)
    assert "something else than what was recorded" not in out


def test_why_tells_of_each_trade_how_it_was_left(kept: Kept, capsys: Texts) -> None:
    spec = FileSpec(home=kept.folder, mode=Mode.SIMULATED, kind=FileKind.AUTO, account="demo")
    with open_reader(spec) as reader:
        trades = list(reader.rows(TradeRow))
    assert len(trades) > 5
    for trade in trades[:6]:
        moment = utc(trade.exit_ns + 1).replace(" ", "T")
        moment += f".{(trade.exit_ns + 1) % SECOND_NS:09}Z"
        assert main(["why", trade.market, moment, "--recording", str(kept.folder)]) == 0
        assert LEFT.match(capsys.readouterr().out)


def test_a_folder_that_holds_something_is_refused(kept: Kept, capsys: Texts) -> None:
    assert main(["demo", "--headless", "--record", str(kept.folder)]) == 2
    assert "name a new folder" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, capsys: Texts) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--headless", "--record", str(tmp_path / "file" / "in-it")]) == 2
    assert "cannot be made: Not a directory; name a folder" in capsys.readouterr().err


def test_a_pipe_that_is_closed_ends_it_without_a_word() -> None:
    command = [sys.executable, "-c", START, "demo", "--past", "1m", "--headless"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()
    assert running.returncode == 1


def decisions(picture: Picture) -> list[tuple[object, ...]]:
    """All that a session traded, without ids."""
    return [(each.market, each.entry_ns, each.exit_ns, each.net) for each in picture.trades]


def test_the_same_seed_trades_the_same_past(tmp_path: Path) -> None:
    first, second, other = Seen(), Seen(), Seen()
    session(tmp_path / "first", first)
    session(tmp_path / "second", second, speed=200.0)
    session(tmp_path / "other", other, seed=2)
    assert decisions(first.pictures[0]) == decisions(second.pictures[0]) != []
    assert decisions(first.pictures[0]) != decisions(other.pictures[0])


def decided(folder: Path) -> str:
    """Hash of all that was decided in the past of a recorded session."""
    found = DecisionHash(["SIM-COIN", "SIM-ALT"])
    for segment in segments(folder):
        for outputs in segment.outputs():
            # A run of rejections that the past ended in is told when it is over.
            past = outputs["event_ns"] < START_NS + (PAST_S - 60) * SECOND_NS
            found.hear(outputs[past])
    return found.hexdigest()


def test_the_same_seed_decides_the_same_past_to_the_bit(tmp_path: Path) -> None:
    hashes = []
    for name, speed, seed in (("first", 1.0, 1), ("second", 50.0, 1), ("other", 1.0, 2)):
        session(tmp_path / name, Seen(), seed=seed, speed=speed)
        hashes.append(decided(tmp_path / name))
    assert hashes[0] == hashes[1] != hashes[2]


def test_to_quit_is_heard_while_the_past_is_folded(tmp_path: Path) -> None:
    seen = Hasty(Wish.QUIT)
    session(tmp_path, seen, for_s=None)
    assert seen.folded[-1] < 1.0


def test_nothing_else_that_is_asked_for_changes_the_past(tmp_path: Path) -> None:
    seen = Hasty(Wish.PAUSE, Wish.FLATTEN)
    session(tmp_path, seen)
    assert seen.pictures[0].account.trading_state == "active"
    assert seen.pictures[0].total.trades > 0


def test_time_stands_still_while_the_first_picture_is_shown(tmp_path: Path) -> None:
    seen = Seen(sleeps_s=2.0)
    session(tmp_path, seen, for_s=1.0, speed=60.0)
    assert seen.pictures[1].now_ns - seen.pictures[0].now_ns < 100 * SECOND_NS


def test_a_pause_reaches_the_account_and_ends_again(tmp_path: Path) -> None:
    seen = Seen(Wish.PAUSE, Wish.PAUSE, Wish.QUIT)
    session(tmp_path, seen, for_s=20.0)
    states = [each.account.trading_state for each in seen.pictures]
    assert [states[0], "reducing" in states, states[-1]] == ["active", True, "active"]


def test_to_flatten_leaves_every_position(tmp_path: Path) -> None:
    seen = Seen(Wish.FLATTEN, Wish.QUIT)
    ended = session(tmp_path, seen, for_s=20.0, speed=1.0)
    assert all(each.why.position is None for each in ended.markets)
    left = [each.market for each in seen.trades if each.reason is ExitReason.COMMAND]
    held = [each for each in seen.pictures[0].markets if each.why.position is not None]
    assert left == [each.name for each in held] != []


def test_to_quit_ends_it_before_its_time(tmp_path: Path) -> None:
    began_s = time.monotonic()
    session(tmp_path, Seen(Wish.QUIT), for_s=300.0)
    assert time.monotonic() - began_s < 100.0


def test_what_a_session_shows_adds_up(tmp_path: Path) -> None:
    seen = Seen()
    ended = session(tmp_path, seen)
    assert (seen.folded[0], seen.folded[-1]) == (0.0, 1.0)
    assert ended.total.trades == len(seen.trades) + seen.pictures[0].total.trades
    assert ended.now_ns > seen.pictures[0].now_ns > ended.began_ns


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    options = ["--for", "1s", "--past", "1m", "--headless"]
    kernels = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))}
    subprocess.run(
        [sys.executable, "-B", "-c", START, "demo", *options],
        check=True, capture_output=True, timeout=WITHIN_S, cwd=ROOT,
        env={**os.environ, "HOME": str(home), "TMPDIR": str(temporary), **kernels},
    )  # fmt: skip
    assert list(home.rglob("*")) == []
    assert list(temporary.iterdir()) == []
