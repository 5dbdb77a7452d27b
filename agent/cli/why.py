"""`autoscalper why`: what one market did at one moment, and what kept it from more."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.completion import instruments

EXAMPLES = """\b
Examples:
  autoscalper why BTCUSDT-usdm 2024-08-08T23:55:01.5Z --recording recordings/
  autoscalper why btcusdt-usdm 23:55:01 --recording recordings/
  autoscalper why SPY --recording recordings/ --json | jq .first_failing
"""


def why(
    # Hidden from the help's table, which would show Python types; the text says what they are.
    market: Annotated[
        str,
        typer.Argument(
            metavar="MARKET", hidden=True, show_default=False, autocompletion=instruments
        ),
    ],
    time: Annotated[
        str | None, typer.Argument(metavar="TIME", hidden=True, show_default=False)
    ] = None,
    *,
    recording: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            show_default=False,
            help="Folder of a recording, or one of its files; without it what `run` keeps in the "
            "state folder.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, money as exact decimals.")
    ] = False,
) -> None:
    """Say why a market did what it did at one moment, from a recording.

    MARKET is a name in the recording, in any case. TIME is ISO 8601 (UTC where no zone is given),
    a time of day on the last day recorded, or nanoseconds since 1970; without it the last moment
    recorded. It tells the state, every gate with value and threshold, the plan and risk's answer.
    """
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.replay.why_request import WhyRequest, run_why
    from reporting.why_json import why_json
    from reporting.why_text import print_why

    passed_over: list[str] = []
    request = WhyRequest(market=market, time=time, recording=recording or _kept())
    with shown_progress(sys.stderr) as progress:
        summary = run_why(request, progress, passed_over.append)
    for told in passed_over:
        typer.echo(told, err=True)
    if as_json:
        print_line(why_json(summary), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_why(console, summary)


def _kept() -> Path:
    """What the service keeps, in the mode and state folder of the config."""
    from agent.cli.places import Named, place_of
    from domain.errors import BadUsage

    place = place_of(Named())
    assert place.folder is not None
    folder = place.folder / "recordings"
    if not folder.is_dir():
        raise BadUsage(
            f"{folder}: no recording is there; say --recording PATH, the folder of a recording or "
            "one of its files, or start `autoscalper run`"
        )
    return folder
