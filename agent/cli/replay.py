"""`autoscalper replay`: recorded ticks through the whole core, on paper."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completion import instruments
from agent.cli.numbers import at_least
from agent.cli.places import TradingPlaybookOption
from agent.cli.plot import check_place, write_plot
from agent.cli.sweep import check_options, run_and_print_sweep
from agent.cli.verify import run_and_print_verify

if TYPE_CHECKING:
    from agent.replay.outcome import RunReplay

EXAMPLES = """\b
Examples:
  autoscalper replay BTCUSDT-usdm.parquet
  autoscalper replay monday.parquet tuesday.parquet --instrument BTCUSDT-usdm
  autoscalper replay ticks.parquet --playbook my-playbook.toml --trades
  autoscalper replay ticks.parquet --json | jq .net
  autoscalper replay ticks.parquet --plot replay.html
  autoscalper replay ticks.parquet --sweep grid.toml
  autoscalper replay BTCUSDT-usdm.parquet --funding rates.parquet
  autoscalper replay ETHUSDT-spot.parquet --reference BTCUSDT-spot.parquet
  autoscalper replay recordings --verify
"""


def replay(  # noqa: PLR0913 - typer makes one option of each parameter
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        # Hidden from the help's table, which would show its Python type; the text says what it is.
        typer.Argument(metavar="PATH", hidden=True, show_default=False),
    ],
    *,
    playbook: TradingPlaybookOption = "baseline",
    instrument: Annotated[
        str | None,
        typer.Option(
            metavar="I",
            autocompletion=instruments,
            help="Name or path of the instrument of all files; without it each file's name says "
            "which.",
        ),
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="REF",
            show_default=False,
            help="Ticks of one leading market or index that gates compare each market with; "
            "they are not traded. Several files are several options.",
        ),
    ] = None,
    repeat: Annotated[
        int,
        typer.Option(
            metavar="N", parser=at_least(1), help="Play the files N times, with shifted stamps."
        ),
    ] = 1,
    chunk: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=at_least(0),
            help="Fold at most N ticks in one call, 0 for all; it changes no decision.",
        ),
    ] = 0,
    funding: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Funding rates of a perpetual, as Parquet; without them its instrument's assumed "
            "rate counts. Several files are several options.",
        ),
    ] = None,
    trades: Annotated[bool, typer.Option("--trades", help="List every trade as well.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Draw equity, prices with entries and exits, excursions and costs as well: a page "
            "(FILE.html) or a picture (FILE.png).",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, money as exact decimals.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Settings file to use instead of the defaults."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="PATH is a recording: fold it again and compare every decision; exit code 7 at a "
            "difference.",
        ),
    ] = False,
    sweep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Replay with every parameter set of this file: a base playbook, and values for "
            "some of its keys.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(1),
            help="Worker processes of a sweep; without it one for each core.",
        ),
    ] = None,
) -> None:
    """Replay recorded ticks: what was traded, and why not.

    PATH is a Parquet file of ticks, or a recording; several are merged by time. They pass through
    the whole decision core, on paper. Nothing is written but what --plot names, and a sweep's
    temporary file.
    """
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.replay.request import ReplayRequest, SweepRequest

    if verify:
        run_and_print_verify(ctx, paths, as_json=as_json)
        return
    check_options(ctx, sweeps=sweep is not None)
    if sweep is not None:
        asked = SweepRequest(
            paths=tuple(paths),
            sweep=sweep,
            instrument=instrument,
            settings=config,
            jobs=jobs,
            funding=tuple(funding or ()),
            reference=tuple(reference or ()),
        )
        run_and_print_sweep(asked, as_json=as_json)
        return
    if plot is not None:
        check_place(plot, repeat)
    from reporting.replay_json import replay_json
    from reporting.replay_text import print_replay

    request = ReplayRequest(
        paths=tuple(paths),
        playbook=playbook,
        instrument=instrument,
        repeat=repeat,
        chunk=chunk,
        settings=config,
        funding=tuple(funding or ()),
        reference=tuple(reference or ()),
        pictures=plot is not None,
    )
    run: RunReplay = ctx.obj or _runner()
    with shown_progress(sys.stderr) as progress:
        outcome = run(request, progress)
    if plot is not None:
        write_plot(plot, outcome)
        typer.echo(f"{plot}: written.", err=True)
    listed = outcome.trades if trades else None
    if as_json:
        print_line(replay_json(outcome.summary, listed), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_replay(console, outcome.summary, listed)


def _runner() -> "RunReplay":
    from agent.app import run_replay

    return run_replay
