"""The command line keeps its promises to people and to scripts."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__
from agent.cli import main
from agent.cli.output import plain_in_pipes, shown_progress
from agent.replay.outcome import Progress, ReplayOutcome, RunReplay
from agent.replay.request import ReplayRequest
from domain.errors import BadConfig, BadInput, BadUsage, Fatal
from domain.jit import kernel_hash
from replay_samples import summary, trade
from source_tree import ROOT

HEAVY = ["numpy", "numba", "polars", "pydantic_settings"]
Texts = pytest.CaptureFixture[str]


class FakeReplay:
    """Remembers what was asked and answers with a made-up outcome."""

    def __init__(self) -> None:
        self.asked: list[ReplayRequest] = []

    def __call__(self, request: ReplayRequest, progress: Progress) -> ReplayOutcome:
        self.asked.append(request)
        progress("loading", 1, 1)
        progress("folding", 2_400_000, 2_400_000)
        return ReplayOutcome(summary=summary(), trades=[trade()])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def raising(error: BaseException) -> RunReplay:
    def run(request: ReplayRequest, progress: Progress) -> ReplayOutcome:
        raise error

    return run


@pytest.fixture
def fake() -> FakeReplay:
    return FakeReplay()


def test_replay_asks_for_what_the_command_line_says(fake: FakeReplay) -> None:
    named = ["--playbook=probe", "--instrument=IBM", "--config=s.toml"]
    counted = ["--repeat", "3", "--chunk", "7"]
    led = ["--reference", "c.parquet", "--reference=d.parquet"]
    assert main(["replay", "a.parquet", "b.parquet", *named, *counted, *led], fake) == 0
    assert fake.asked == [
        ReplayRequest(
            paths=(Path("a.parquet"), Path("b.parquet")),
            playbook="probe",
            instrument="IBM",
            repeat=3,
            chunk=7,
            settings=Path("s.toml"),
            reference=(Path("c.parquet"), Path("d.parquet")),
        )
    ]


def test_replay_has_the_documented_defaults(fake: FakeReplay) -> None:
    main(["replay", "a.parquet"], fake)
    assert fake.asked == [ReplayRequest(paths=(Path("a.parquet"),))]


def test_replay_prints_text_without_trades_and_nothing_on_stderr(
    fake: FakeReplay, capsys: Texts
) -> None:
    main(["replay", "a.parquet"], fake)
    out, err = capsys.readouterr()
    assert out.startswith("Replay of baseline")
    assert "22:13:20" not in out
    assert err == ""


def test_replay_lists_trades_when_asked(fake: FakeReplay, capsys: Texts) -> None:
    main(["replay", "a.parquet", "--trades"], fake)
    assert "22:13:20.123" in capsys.readouterr().out


def test_replay_json_is_one_object_alone_on_stdout(fake: FakeReplay, capsys: Texts) -> None:
    main(["replay", "a.parquet", "--json"], fake)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert list(json.loads(out))[-1] == "unfilled_entries"


def test_replay_json_with_trades_ends_with_their_list(fake: FakeReplay, capsys: Texts) -> None:
    main(["replay", "a.parquet", "--json", "--trades"], fake)
    assert len(json.loads(capsys.readouterr().out)["trades_list"]) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("a.parquet: no column 'price'; add it"), 1),
        (BadUsage("--reference a is A and --reference b is B: give one"), 2),
        (BadConfig("s.toml: risk.max: must be > 0; give a number"), 4),
        (Fatal("the journal lies"), 1),
    ],
)
def test_error_is_told_on_stderr_in_its_own_words_with_its_exit_code(
    error: Exception, code: int, capsys: Texts
) -> None:
    assert main(["replay", "a.parquet"], raising(error)) == code
    assert capsys.readouterr() == ("", f"Error: {error}\n")


def test_ctrl_c_ends_with_130_and_one_line(capsys: Texts) -> None:
    assert main(["replay", "a.parquet"], raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "Stopped by Ctrl-C.\n")


def test_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        main(["replay", "a.parquet"], raising(ZeroDivisionError()))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["repaly", "a"], "No such command 'repaly'. Did you mean 'replay'?"),
        (["replay", "a", "--playbok", "b"], "--playbok. Did you mean '--playbook', '--plot'?"),
        (["--verison"], "--verison. Did you mean '--version'?"),
        (["replay"], "Missing argument 'PATH'; give it after `autoscalper replay`"),
        (["ledger"], "after `autoscalper ledger`; give one of auto, manual"),
        (["recording"], "after `autoscalper recording`; give one of list, export"),
        (["ledger", "xyzzy"], "No such command 'xyzzy'; give one of auto, manual"),
        (["doctor", "--xyzzy"], "No such option: --xyzzy; give one of --json, --home, --help"),
        (["doctor", "now"], "'now' is more than `autoscalper doctor` takes; leave it out"),
        (["replay", "a", "--trades=3"], "'--trades' takes no value; write --trades alone"),
        (["replay", "a", "--repeat", "0"], "'--repeat'"),
        (["replay", "a", "--chunk", "-1"], "'--chunk'"),
        (["replay", "a", "--playbook"], "'--playbook' lacks its value; write --playbook P"),
    ],
)
def test_usage_error_names_its_place_and_exits_with_2(
    arguments: list[str], told: str, fake: FakeReplay, capsys: Texts
) -> None:
    assert main(arguments, fake) == 2
    out, err = capsys.readouterr()
    assert (out, fake.asked) == ("", [])
    assert told in err
    verb = " ".join(each for each in arguments[:1] if each in {"replay", "ledger", "doctor"})
    assert err.splitlines()[-1].startswith(f"Help: autoscalper {verb}".rstrip())


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("repeat", "-1", "-1 is below 1; give a whole number from 1 on"),
        ("repeat", "0", "0 is below 1; give a whole number from 1 on"),
        ("jobs", "0", "0 is below 1; give a whole number from 1 on"),
        ("chunk", "-1", "-1 is below 0; give a whole number from 0 on"),
        ("chunk", "2.5", "'2.5' is no whole number; give a whole number from 0 on"),
    ],
)
def test_number_that_is_none_or_too_small_is_refused_with_what_would_do(
    option: str, value: str, told: str, fake: FakeReplay, capsys: Texts
) -> None:
    assert main(["replay", "a.parquet", f"--{option}={value}"], fake) == 2
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"Error: Invalid value for '--{option}': {told}"
    assert fake.asked == []


def test_no_verb_at_all_shows_help_on_stderr(capsys: Texts) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Commands:" in err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["replay", "--help"], ["why", "--help"]])
def test_help_gives_examples_in_80_plain_columns(arguments: list[str], capsys: Texts) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    verb = "demo" if len(arguments) == 1 else arguments[0]
    assert f"Examples:\n    autoscalper {verb}" in out
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_version_names_release_and_kernels(capsys: Texts) -> None:
    assert main(["--version"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"autoscalper {__version__}", f"kernels {kernel_hash()}"]


@pytest.mark.parametrize("arguments", [["--help"], ["replay", "--help"], ["why", "-h"], ["repaly"]])
def test_help_and_usage_errors_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from agent.cli import main; "
        f"main({arguments!r}); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_progress_is_drawn_with_rate_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with shown_progress(terminal) as progress:
        progress("loading", 0, 0)
        progress("folding", 1, 3)
        progress("folding", 3, 3)
    drawn = terminal.getvalue()
    assert "loading" in drawn
    assert "100 %" in drawn


def test_progress_is_silent_on_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    with shown_progress(terminal) as progress:
        progress("folding", 1, 3)
    assert terminal.getvalue() == ""


def test_progress_is_silent_in_a_pipe() -> None:
    pipe = io.StringIO()
    with shown_progress(pipe) as progress:
        progress("folding", 1, 3)
    assert pipe.getvalue() == ""


def test_piped_lines_end_without_spaces() -> None:
    pipe = io.StringIO()
    with plain_in_pipes(pipe) as console:
        console.print("one  \n\ntwo [x] :smile: ")
    assert pipe.getvalue() == "one\n\ntwo [x] :smile:\n"


def test_terminal_gets_lines_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    with plain_in_pipes(terminal) as console:
        console.print("one")
    assert terminal.getvalue() == "one\n"


def test_character_unknown_to_the_terminal_is_spelt_out() -> None:
    raw = io.BytesIO()
    pipe = io.TextIOWrapper(raw, encoding="ascii")
    with plain_in_pipes(pipe) as console:
        console.print("Füchse")
    assert raw.getvalue() == b"F\\xfcchse\n"
