"""What went wrong, told on stderr, and the exit code that scripts see."""

from enum import IntEnum

import typer

from domain.errors import AutoScalperError, BadConfig, BadUsage


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


def tell_usage(error: typer.TyperException) -> None:
    """What is wrong with the command line, what may have been meant, and where help is."""
    # Only unknown options carry `possibilities`; for unknown verbs typer adds the same sentence.
    if similar := getattr(error, "possibilities", None):
        meant = ", ".join(repr(each) for each in similar)
        message = f"{error.message}. Did you mean {meant}?"
    else:
        message = error.format_message()
    typer.echo(f"Error: {message}", err=True)
    ctx = getattr(error, "ctx", None)
    typer.echo(f"Help: {ctx.command_path if ctx else 'autoscalper'} --help", err=True)
