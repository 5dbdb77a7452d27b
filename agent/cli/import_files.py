"""`autoscalper import`: foreign CSV and Parquet files to ticks, or to a recording."""

import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from agent.cli.completion import instruments, playbooks, words_of
from agent.cli.moments import one_of
from domain.enums import Word
from domain.errors import BadUsage
from domain.units import TsNs

IMPORT_EXAMPLES: Final = """\b
Examples:
  autoscalper import BTCUSDT-aggTrades-2024-08-08.zip --out B.parquet
  autoscalper import trades.csv --dry-run
  autoscalper import trades.csv --map price=last --map size=lots --dry-run
  autoscalper import klines.csv --as candles --spread-bps 3 --out X.parquet
  autoscalper import day.csv --instrument BTCUSDT-spot --out recordings/
"""
_MOST_BPS: Final = 1_000.0


class Kind(Word):
    """What foreign files hold; the numbers are those of the reader."""

    TRADES = 1
    QUOTES = 2
    CANDLES = 3


def _spread(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no number; give basis points, such as 2") from error
    if not 0 <= value <= _MOST_BPS:
        raise typer.BadParameter(f"{text} is not between 0 and {_MOST_BPS:g}; give basis points")
    return value


def import_files(  # noqa: PLR0913 - typer makes one option of each parameter
    files: Annotated[
        # Hidden from the help's table, which would show its Python type; the text says what it is.
        list[Path],
        typer.Argument(metavar="FILE", hidden=True, show_default=False),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PLACE",
            show_default=False,
            help="FILE.parquet for ticks that `replay` reads, or a folder for a recording.",
        ),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            "--as",
            metavar="KIND",
            parser=one_of(Kind),
            autocompletion=words_of(Kind),
            show_default=False,
            help="trades, quotes or candles; without it what the columns say.",
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            show_default=False,
            help="Where a field stands, such as price=last. Several are several options.",
        ),
    ] = None,
    instrument: Annotated[
        str | None,
        typer.Option(
            metavar="I",
            autocompletion=instruments,
            show_default=False,
            help="What the ticks are of, for a recording; without it the file's name says.",
        ),
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Option(
            metavar="S", show_default=False, help="The one to take, of files that hold several."
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            show_default=False,
            help="Of times that name no zone, such as America/New_York; UTC without it.",
        ),
    ] = None,
    spread_bps: Annotated[
        float | None,
        typer.Option(
            metavar="BPS",
            parser=_spread,
            show_default=False,
            help="Of candles: the spread to assume, in basis points, 2 without it; never less than "
            "two steps of price.",
        ),
    ] = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            autocompletion=playbooks,
            show_default=False,
            help="By which a recording is folded while it is made; baseline without it.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False, help="Settings for a recording."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be read as what, and stop.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn FILEs of foreign trades, quotes or candles into ticks, or into a recording.

    CSV (with or without a head, zipped or gzipped) and Parquet are read. What stands in which
    column is guessed from known layouts and names, and printed with units before anything is done;
    what could be two things is refused. Bad rows are counted by kind.
    """
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.replay.importing import ImportRequest, carry_out, plan
    from market.history.foreign_columns import Content
    from market.history.foreign_plan import Choices
    from reporting.import_text import import_json, print_imported, print_plan

    if out is None and not dry_run:
        raise BadUsage("say with --out where ticks go: FILE.parquet, or a folder for a recording")
    choices = Choices(
        content=None if kind is None else Content(kind),
        columns=_stated(mapped or []),
        zone=zone,
        symbol=symbol,
        spread_bps=spread_bps,
    )
    request = ImportRequest(
        paths=tuple(files),
        out=out,
        choices=choices,
        instrument=instrument,
        playbook=playbook,
        settings=config,
        force=force,
        now_ns=TsNs(time.time_ns()),
    )
    planned = plan(request)
    if not as_json:
        with plain_in_pipes(sys.stdout) as console:
            print_plan(console, planned.lines)
    if dry_run:
        if as_json:
            print_line(import_json(planned.lines, None), sys.stdout)
        return
    with shown_progress(sys.stderr) as progress:
        summary = carry_out(request, planned, progress)
    if as_json:
        print_line(import_json(planned.lines, summary), sys.stdout)
        return
    with plain_in_pipes(sys.stdout) as console:
        print_imported(console, summary)


def _stated(mapped: list[str]) -> dict[str, str]:
    """Fields and their columns. BadUsage for one that is written otherwise, or stated twice."""
    found: dict[str, str] = {}
    for text in mapped:
        field, equals, column = text.partition("=")
        if not equals or not field or not column:
            raise BadUsage(f"--map {text}: write it as FIELD=COLUMN, such as price=last")
        if field in found:
            raise BadUsage(f"--map {text}: {field} is {found[field]!r} already; state it once")
        found[field] = column
    return found
