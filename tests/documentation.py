"""The pages for people, and what of them can be executed or looked up."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer

from agent.cli import app
from source_tree import ROOT

PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NAMES: Final = [page.relative_to(ROOT).as_posix() for page in PAGES]
_FILE: Final = re.compile(r"# ([a-z0-9-]+\.toml)")


def verbs(
    command: object = None, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command and sub-command of the program, with the words that call it."""
    here = typer.main.get_command(app) if command is None else command
    yield before, here
    for name, inner in getattr(here, "commands", {}).items():
        yield from verbs(inner, (*before, name))


VERBS: Final = {" ".join(words): command for words, command in verbs()}


def fenced(page: Path) -> Iterator[tuple[int, str, str]]:
    """Each line of a page: its number, the language of the fence it stands in, and the line.

    Outside of fences the language is "-"; a fence's own two lines belong to it.
    """
    inside: str | None = None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        mark = line.startswith("```")
        if inside is None and mark:
            inside = line.removeprefix("```").strip()
            yield number, inside, line
        elif inside is not None:
            yield number, inside, line
            inside = None if mark else inside
        else:
            yield number, "-", line


def commands(page: Path, language: str) -> list[str]:
    """The commands of all blocks of a language; lines that end in a backslash go on."""
    lines = [line for _, fence, line in fenced(page) if fence == language]
    text = "\n".join(line for line in lines if not line.startswith("```")).replace("\\\n", " ")
    return [re.sub(r"\s+# .*", "", line).strip() for line in text.splitlines() if line.strip()]


def script_of(page: Path) -> str:
    """A shell script with the commands of a page on the page's own lines.

    A TOML block that opens with a comment such as `# mine.toml` is written to that file.
    """
    written, fresh, script = "", False, list[str]()
    for _, language, line in fenced(page):
        mark, out = line.startswith("```"), ""
        if language == "toml" and mark:
            out, fresh, written = "END" if written else "", not written and not fresh, ""
        elif language == "toml":
            named = _FILE.fullmatch(line) if fresh else None
            if named:
                written, out = named.group(1), f"cat > {named.group(1)} <<'END'"
            else:
                out = line if written else ""
            fresh = False
        elif language == "sh" and not mark:
            out = line
        script.append(out)
    return "\n".join(script) + "\n"


def spoken(page: Path) -> Iterator[str]:
    """What a page names in `code` within its sentences, where that is a call of the program."""
    text = "\n".join(line for _, fence, line in fenced(page) if fence == "-")
    yield from re.findall(r"`(autoscalper [^`]+)`", text)


def calls(lines: list[str]) -> list[str]:
    """Every call of the program in some lines."""
    return [part for line in lines for part in re.findall(r"autoscalper [^;|&>]*", line)]


def flaw(call: str) -> str | None:
    """What this build does not know of a call: a verb or an option."""
    words, found = call.split()[1:], ""
    while words and f"{found} {words[0]}".strip() in VERBS:
        found = f"{found} {words.pop(0)}".strip()
    command = VERBS[found]
    if hasattr(command, "commands") and words and not words[0].startswith(("-", "[")):
        return words[0]
    names = {"--help"} | {name for each in getattr(command, "params", ()) for name in each.opts}
    options = [word.strip("[],.").partition("=")[0] for word in words]
    return next((each for each in options if each.startswith("--") and each not in names), None)
