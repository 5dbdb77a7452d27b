"""What went wrong, told on stderr, and the exit code that scripts see."""

from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from agent.cli.usage import usage_words
from domain.errors import AutoScalperError, BadConfig, BadUsage

if TYPE_CHECKING:
    from agent.cli.usage import Called


class ExitCode(IntEnum):
    """A contract with scripts: append, never renumber."""

    OK = 0
    ERROR = 1
    USAGE = 2
    NOT_RUNNING = 3
    CONFIG = 4
    TIMEOUT = 5
    RISK_HALTED = 6
    VERIFICATION_FAILED = 7
    INTERRUPTED = 130


def exit_code_of(error: AutoScalperError) -> ExitCode:
    """The exit code that stands for `error`."""
    if isinstance(error, BadUsage):
        return ExitCode.USAGE
    return ExitCode.CONFIG if isinstance(error, BadConfig) else ExitCode.ERROR


def tell(error: AutoScalperError) -> None:
    """The error's own text, which names cause, place and fix; no traceback."""
    typer.echo(f"Error: {error}", err=True)


def tell_usage(error: typer.TyperException, called: "Called") -> None:
    """What is wrong with the command line, what would do, and where help is."""
    typer.echo(f"Error: {usage_words(error, called)}", err=True)
    typer.echo(f"Help: {called.path} --help", err=True)
