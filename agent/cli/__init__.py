"""The command line: `autoscalper VERB`.

Nothing heavy is imported before a verb needs it, so that `--help` and usage errors answer at once.
Results go to stdout, all else to stderr. Exit codes are in `agent/cli/errors.py`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli.backup import BACKUP_EXAMPLES, backup
from agent.cli.check import CHECK_EXAMPLES, check
from agent.cli.errors import ExitCode, exit_code_of, tell, tell_usage
from agent.cli.history import HISTORY_EXAMPLES, LOGS_EXAMPLES, history, logs
from agent.cli.init import INIT_EXAMPLES, init
from agent.cli.ledger import ledger
from agent.cli.playbook import playbook
from agent.cli.replay import EXAMPLES, replay
from agent.cli.why import EXAMPLES as WHY_EXAMPLES
from agent.cli.why import why
from domain.errors import AutoScalperError

if TYPE_CHECKING:
    from agent.replay.outcome import RunReplay

# Without typer's markup the help is plain text: the same on a terminal, in a pipe, in a log.
app = typer.Typer(
    name="autoscalper",
    help="A trading daemon that scalps by rules, explains every decision and replays it bit for "
    "bit.",
    epilog="\b\nExamples:\n"
    "  autoscalper replay ticks.parquet\n"
    "  autoscalper replay --help\n"
    "  autoscalper playbook list\n"
    "  autoscalper why BTCUSDT-usdm 23:55:01 --recording recordings/\n"
    "  autoscalper ledger auto stats\n"
    "  autoscalper --version",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=INIT_EXAMPLES)(init)
app.command(epilog=CHECK_EXAMPLES)(check)
app.command(epilog=EXAMPLES)(replay)
app.command(epilog=WHY_EXAMPLES)(why)
app.add_typer(playbook, name="playbook")
app.add_typer(ledger, name="ledger")
app.command(epilog=HISTORY_EXAMPLES)(history)
app.command(epilog=LOGS_EXAMPLES)(logs)
app.command(epilog=BACKUP_EXAMPLES)(backup)


def _tell_version(asked: bool) -> None:
    """Print what this build is; the kernel hash names the rules it trades by."""
    if asked:
        from domain.jit import kernel_hash

        typer.echo(f"autoscalper {__version__}\nkernels {kernel_hash()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _start(
    ctx: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_tell_version,
            is_eager=True,
            help="Show the version and the hash of the trading kernels, then exit.",
        ),
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None and not version:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


def main(arguments: Sequence[str] | None = None, run_replay: "RunReplay | None" = None) -> int:
    """Carry out one command line and return its exit code.

    arguments    what follows the program's name; None takes them from the process.
    run_replay   runs replays instead of `agent.app.run_replay`.
    """
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=arguments, prog_name="autoscalper", standalone_mode=False, obj=run_replay
        )
    except AutoScalperError as error:
        tell(error)
        return exit_code_of(error)
    except typer.TyperException as error:
        tell_usage(error)
        return error.exit_code
    if code == ExitCode.INTERRUPTED:  # typer turns Ctrl-C into this code and says nothing
        typer.echo("Stopped by Ctrl-C.", err=True)
    return code or ExitCode.OK
