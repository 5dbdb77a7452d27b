"""The demo on a terminal: keys act, and what cannot be drawn on gets plain lines."""

import re
from pathlib import Path

import pytest

from agent.cli import main
from terminals import Terminal

Texts = pytest.CaptureFixture[str]
COLOUR = re.compile(r"\x1b\[[0-9;]*(?<!\d)[349][0-7](?!\d)[0-9;]*m")
SCREEN_LEFT = "\x1b[?1049l"


def test_keys_pause_flatten_explain_and_quit_and_the_books_know(
    tmp_path: Path, capsys: Texts
) -> None:
    terminal = Terminal("--past", "1m", "--record", str(tmp_path / "kept"))
    assert "SIMULATED" in terminal.until("p pause")
    for key, told in (("w", "w back"), ("\t", "SIM-ALT did"), ("w", "▶ SIM-ALT")):
        terminal.press(key)
        terminal.until(told)
    for key, told in (("f", "f: leave"), ("p", "reducing, by a person's command"), ("p", "active")):
        terminal.press(key)
        terminal.until(told)
    terminal.press("q")
    terminal.until("has no edge")
    assert (terminal.ended(), SCREEN_LEFT in terminal.seen) == (0, True)
    main(["history", "--home", str(tmp_path / "kept"), "--mode", "simulated"])
    commands = re.findall(r"\b(leave|pause|resume)\b", capsys.readouterr().out)
    assert commands == ["leave", "pause", "resume"]


def test_ctrl_c_ends_a_session_as_q_does_and_leaves_the_terminal_as_it_was() -> None:
    terminal = Terminal("--past", "1m")
    terminal.until("p pause")
    terminal.press("\x03")
    terminal.until("has no edge")
    assert terminal.ended() == 0


def test_a_terminal_that_cannot_be_drawn_on_gets_plain_lines() -> None:
    terminal = Terminal("--past", "1m", "--for", "1s", set_as={"TERM": "dumb"})
    terminal.until("has no edge")
    assert "\x1b" not in terminal.seen
    assert terminal.ended() == 0


def test_without_colour_nothing_is_coloured() -> None:
    terminal = Terminal("--past", "1m", size=(120, 40), set_as={"NO_COLOR": "1"})
    seen = terminal.until("q quit")
    terminal.press("q")
    seen += terminal.until("has no edge")
    assert terminal.ended() == 0
    assert "gates for" in seen
    assert not COLOUR.search(seen)
