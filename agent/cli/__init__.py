"""The command line: `autoscalper VERB`.

Nothing heavy is imported before a verb needs it, so that `--help` and usage errors answer at once.
Results go to stdout, all else to stderr. Exit codes are in `agent/cli/errors.py`.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli.backup import BACKUP_EXAMPLES, backup
from agent.cli.check import CHECK_EXAMPLES, check
from agent.cli.demo import DEMO_EXAMPLES, demo
from agent.cli.doctor import DOCTOR_EXAMPLES, doctor
from agent.cli.errors import ExitCode, exit_code_of, tell, tell_usage
from agent.cli.gym import GYM_EXAMPLES, gym
from agent.cli.history import HISTORY_EXAMPLES, LOGS_EXAMPLES, history, logs
from agent.cli.import_files import IMPORT_EXAMPLES, import_files
from agent.cli.init import INIT_EXAMPLES, init
from agent.cli.ledger import ledger
from agent.cli.playbook import playbook
from agent.cli.recording import recording
from agent.cli.replay import EXAMPLES, replay
from agent.cli.run import RUN_EXAMPLES, run
from agent.cli.usage import called_by
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
    "  autoscalper demo\n"
    "  autoscalper replay ticks.parquet\n"
    "  autoscalper import trades.csv --out ticks.parquet\n"
    "  autoscalper init --kind simulated\n"
    "  autoscalper check\n"
    "  autoscalper run\n"
    "  autoscalper replay --help\n"
    "  autoscalper playbook list\n"
    "  autoscalper why BTCUSDT-usdm 23:55:01 --recording recordings/\n"
    "  autoscalper gym --playbook probe\n"
    "  autoscalper ledger auto stats\n"
    "  autoscalper --version",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=DEMO_EXAMPLES, short_help="Watch a simulated market being traded, offline.")(
    demo
)
app.command(epilog=INIT_EXAMPLES, short_help="Write a commented config, by questions or options.")(
    init
)
app.command(
    epilog=CHECK_EXAMPLES, short_help="Say all that is wrong with a config, and how to fix it."
)(check)
app.command(epilog=DOCTOR_EXAMPLES, short_help="Look at this machine, and say what to do.")(doctor)
app.command(epilog=RUN_EXAMPLES, short_help="Trade as the config says, until it is stopped.")(run)
app.command(epilog=EXAMPLES)(replay)
app.command(
    "import", epilog=IMPORT_EXAMPLES, short_help="Turn foreign CSV and Parquet into ticks."
)(import_files)
app.command(epilog=WHY_EXAMPLES, short_help="Say why a market did what it did at one moment.")(why)
app.command(epilog=GYM_EXAMPLES, short_help="Play a playbook through named simulated sessions.")(
    gym
)
app.add_typer(playbook, name="playbook")
app.add_typer(ledger, name="ledger")
app.add_typer(recording, name="recording")
app.command(
    epilog=HISTORY_EXAMPLES, short_help="List runs, commands, approvals, states and locks."
)(history)
app.command(epilog=LOGS_EXAMPLES, short_help="Print the engine's log, one event a line.")(logs)
app.command(epilog=BACKUP_EXAMPLES, short_help="Copy the ledgers of a mode, or put a copy back.")(
    backup
)


def _tell_version(asked: bool) -> None:
    """Print what this build is; the kernel hash names the rules it trades by."""
    if asked:
        from agent.cli.build import version_text

        typer.echo(version_text(__version__))
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
            help="Show version, hash of the trading kernels, build and formats, then exit.",
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
    except typer.Abort:  # a question was answered by Ctrl-C or the end of input
        typer.echo("\nStopped at a question; nothing was done.", err=True)
        return ExitCode.INTERRUPTED
    except typer.TyperException as error:
        given = sys.argv[1:] if arguments is None else arguments
        tell_usage(error, called_by(command, given, "autoscalper"))
        return error.exit_code
    if code == ExitCode.INTERRUPTED:  # typer turns Ctrl-C into this code and says nothing
        typer.echo("Stopped by Ctrl-C.", err=True)
    return code or ExitCode.OK
