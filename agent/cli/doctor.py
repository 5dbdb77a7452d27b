"""`autoscalper doctor`: whether this machine, its clocks and its files are fit to trade."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.cli.errors import ExitCode
from agent.cli.places import HomeOption

if TYPE_CHECKING:
    from reporting.doctor_text import Finding

DOCTOR_EXAMPLES: Final = """\b
Examples:
  autoscalper doctor
  autoscalper doctor --home /var/lib/autoscalper
  autoscalper doctor --json | jq '.findings[] | select(.level != "ok")'
"""


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    home: HomeOption = None,
) -> None:
    """Look at this machine and say what to do: ok, warning or problem.

    Versions, kernels, processor, clocks, time zones, config, state folder, ledgers and recordings
    are looked at; nothing is changed but the cache of compiled kernels. Exit code 1 at a problem.
    """
    from agent.cli.output import open_console, plain_in_pipes, print_line
    from reporting.doctor_text import Level, doctor_json, print_finding, print_verdict

    found: list[Finding] = []
    if as_json:
        found += examined(home)
        print_line(doctor_json(found), sys.stdout)
    elif sys.stdout.isatty():
        console = open_console(sys.stdout)
        for each in examined(home):
            found.append(each)
            print_finding(console, each)
        print_verdict(console, found)
    else:
        found += examined(home)
        with plain_in_pipes(sys.stdout) as console:
            for each in found:
                print_finding(console, each)
            print_verdict(console, found)
    if any(each.level is Level.PROBLEM for each in found):
        raise typer.Exit(ExitCode.ERROR)


def examined(home: Path | None) -> "Iterator[Finding]":
    """All that is looked at, one after the other; the kernels may take half a minute."""
    from agent.cli import machine
    from agent.cli.kept_files import config, files

    looks: tuple[Callable[[], Finding], ...] = (
        machine.versions,
        machine.kernels,
        machine.processor,
        machine.clocks,
        machine.zones,
    )
    for look in looks:
        yield look()
    about, settings = config()
    yield about
    yield from files(None if home is None else home.absolute(), settings)
