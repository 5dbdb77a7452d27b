"""`autoscalper replay --sweep`: many parameter sets over one load of the data."""

import sys
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from agent.replay.request import SweepRequest

_ONE_REPLAY: Final = (
    "playbook",
    "repeat",
    "chunk",
    "trades",
    "plot",
)  # a sweep file names its playbook
_SWEEPS: Final = ("jobs",)


def check_options(ctx: typer.Context, *, sweeps: bool) -> None:
    """Usage error at the first stated option that would have to be ignored."""
    for name in _ONE_REPLAY if sweeps else _SWEEPS:
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            told = "does not go with --sweep" if sweeps else "goes with --sweep only"
            raise typer.BadParameter(told, ctx, param_hint=f"'--{name}'")


def run_and_print_sweep(request: "SweepRequest", *, as_json: bool) -> None:
    """Run a sweep and print what it found."""
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.replay.sweep import run_sweep
    from reporting.sweep_json import sweep_json
    from reporting.sweep_text import print_sweep

    with shown_progress(sys.stderr) as progress:
        summary = run_sweep(request, progress)
    if as_json:
        print_line(sweep_json(summary), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_sweep(console, summary)
