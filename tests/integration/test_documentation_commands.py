"""Every command block of the README and of docs/ runs, in the order of its page.

A page is one shell session in an empty folder with an empty home, and it ends at the first command
that fails. What must not or cannot run here is fenced as `console` and listed below with a reason.
A demo costs seconds, so that all pages ask for the same one, which is made once.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from documentation import NAMES, PAGES, calls, commands, fenced, flaw, script_of, spoken
from domain import jit
from source_tree import ROOT

NOT_RUN: Final = {
    "make run": "sets up .venv from the network, and shows a minute of the demo",
    "make test": "would run itself",
    "make": "lists the targets; the test below asks for those that are named",
    "autoscalper gym --playbook baseline": "plays for a minute; one session of it runs",
    "autoscalper run": "goes on until somebody stops it",
    "autoscalper --install-completion": "changes the shell of whoever runs it",
}
WITH_COMMANDS: Final = [page for page in PAGES if commands(page, "sh")]
DEMO: Final = "autoscalper demo --for 5s --headless --record demo/"
FENCES: Final = {"sh", "console", "toml", "text", "mermaid"}
FROM_CHECKOUT: Final = ("tests/recompute_totals.py",)
LIMIT_S: Final = 600  # far above what a page needs, for machines that do much else
PROGRAM: Final = """#!/bin/sh
if [ "$1" = demo ] && [ -n "$DEMO" ]; then exec cp -r "$DEMO" demo; fi
exec {python} -c 'import sys; from agent.cli import main; sys.exit(main())' "$@"
"""
TOLD: Final = """trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR; """


def run(script: str, folder: Path, made_demo: str = "") -> subprocess.CompletedProcess[str]:
    """A shell script in `folder/work`, with `folder/home` and nothing else of this user's."""
    programs, home, work = (folder / name for name in ("programs", "home", "work"))
    for each in (programs, home, work):
        each.mkdir(parents=True)
    for name in FROM_CHECKOUT:
        (work / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, work / name)
    (programs / "autoscalper").write_text(PROGRAM.format(python=shlex.quote(sys.executable)))
    (programs / "autoscalper").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AUTOSCALPER_CACHE": str(jit._base().parent),  # compiling is no part of any page
        "LANG": "C.UTF-8",
        "DEMO": made_demo,
    }
    return subprocess.run(
        ["/bin/bash", "-e", "-o", "pipefail", "-c", TOLD + script],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages' demo leaves; the first worker that wants it makes it for all."""
    mine = tmp_path_factory.getbasetemp()  # of a worker; above it lies what this run's share
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    made = shared / "documented" / "work" / "demo"
    with (shared / "documented.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            done = run(DEMO, made.parent.parent)
            assert done.returncode == 0, done.stderr
            (made.parent / "told").write_text(done.stdout)
    return made


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_block_of_a_page_runs_in_its_order(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    asks = DEMO in commands(page, "sh")
    made = str(request.getfixturevalue("demo")) if asks else ""
    done = run(script_of(page), tmp_path / "page", made)
    assert done.returncode == 0, f"{page.name}, {done.stderr}"
    assert not list((tmp_path / "page" / "home").rglob("*.db"))


def quoted(opening: str) -> list[str]:
    """The block of the README that opens so, without what it leaves out."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.partition(f"```text\n{opening}")[2].partition("```")[0]
    return [line for line in f"{opening}{block}".splitlines() if line not in {"", "..."}]


def test_the_trade_that_the_readme_explains_is_the_demos(demo: Path, tmp_path: Path) -> None:
    why = next(line for line in commands(ROOT / "README.md", "sh") if " why " in line)
    told = run(f"{DEMO}; {why}", tmp_path / "why", str(demo)).stdout.splitlines()
    assert set(quoted("SIM-COIN did not enter")) <= set(told)
    trade = " ".join(quoted("Every gate of baseline passed"))
    assert trade in " ".join((demo.parent / "told").read_text().split())


def test_all_pages_ask_for_the_same_demo() -> None:
    shown = {line for page in PAGES for line in commands(page, "sh") if "autoscalper demo" in line}
    assert shown == {DEMO}


def test_what_is_shown_and_not_run_is_little_and_has_a_reason() -> None:
    shown = {line for page in PAGES for line in commands(page, "console")}
    assert shown == set(NOT_RUN)


def test_every_make_target_that_is_named_is_there() -> None:
    targets = [name for name in NOT_RUN if name.startswith("make ")]
    for target in targets:
        asked = ["make", "-n", target.removeprefix("make "), f"UV={sys.executable}"]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_hide_in_no_other_fence(page: Path) -> None:
    lines = [(language, line) for _, language, line in fenced(page) if language != "-"]
    assert {language for language, _ in lines} <= FENCES
    shown = [line for language, line in lines if language not in {"sh", "console", "toml"}]
    assert not [line for line in shown if line.startswith(("$", "autoscalper ", "make "))]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_call_that_is_named_has_verbs_and_options_that_exist(page: Path) -> None:
    shown = [*commands(page, "sh"), *commands(page, "console"), *spoken(page)]
    assert {flaw(call) for call in calls(shown)} <= {None}
