"""`autoscalper replay RECORDING --verify`: the recorded decisions, made again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli.errors import ExitCode, tell
from domain.errors import BadUsage, Corrupt

if TYPE_CHECKING:
    from collections.abc import Sequence

_WITH_VERIFY = frozenset({"paths", "verify", "as_json"})


def run_and_print_verify(ctx: typer.Context, paths: "Sequence[Path]", *, as_json: bool) -> None:
    """Print what was found; exit code 7 where a decision or a file is not as recorded, or missing.

    BadUsage with options that would change what is folded.
    """
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.replay.verify import verify
    from reporting.verify_json import verify_json
    from reporting.verify_text import print_verified

    for name in ctx.params:
        given = ctx.get_parameter_source(name)
        if name not in _WITH_VERIFY and given is not None and given.name == "COMMANDLINE":
            raise BadUsage(
                f"--verify folds what was recorded, as it was: leave out --{name.replace('_', '-')}"
            )
    if len(paths) != 1:
        raise BadUsage(f"--verify takes one recording, not {len(paths)}: call it for each")
    with shown_progress(sys.stderr) as progress:
        try:
            verified = verify(paths[0], progress)
        except Corrupt as error:
            tell(error)
            raise typer.Exit(ExitCode.VERIFICATION_FAILED) from error
    if as_json:
        print_line(verify_json(verified), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_verified(console, verified)
    if not verified.equal:
        raise typer.Exit(ExitCode.VERIFICATION_FAILED)
