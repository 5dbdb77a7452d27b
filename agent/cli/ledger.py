"""`autoscalper ledger auto|manual`: what was traded, what it came to, and every row of it.

Nothing is ever written to a ledger here, and an engine that writes it is not kept waiting.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from agent.cli.places import (
    ConfigOption,
    CsvOption,
    FileOption,
    FromOption,
    HomeOption,
    JsonOption,
    MarketOption,
    ModeOption,
    Named,
    PlaybookOption,
    SideOption,
    ToOption,
    config_of,
    one_format,
    opened,
    place_of,
)
from domain.enums import FileKind
from domain.errors import BadInput, BadUsage

if TYPE_CHECKING:
    from db.read import Filter

_EXAMPLES = """\b
Examples:
  autoscalper ledger auto stats
  autoscalper ledger auto stats --from 7d --playbook probe --json
  autoscalper ledger manual trades --from today
  autoscalper ledger auto trades --csv > trades.csv
  autoscalper ledger auto export --table fills --output fills.csv
  autoscalper ledger auto stats --file saved/auto.db
"""
_STATS_EXAMPLES = """\b
Examples:
  autoscalper ledger auto stats
  autoscalper ledger auto stats --from 7d --playbook probe --json
  autoscalper ledger manual stats --file saved/manual.db
"""
_TRADES_EXAMPLES = """\b
Examples:
  autoscalper ledger auto trades
  autoscalper ledger manual trades --from today
  autoscalper ledger auto trades --csv > trades.csv
"""
_EXPORT_EXAMPLES = """\b
Examples:
  autoscalper ledger auto export --table fills --output fills.csv
  autoscalper ledger auto export --table orders --json --from 24h
"""
_SETTINGS = {"help_option_names": ["-h", "--help"]}

ledger = typer.Typer(
    help="Statistics, trades and rows of the ledgers.",
    epilog=_EXAMPLES,
    rich_markup_mode=None,
    no_args_is_help=False,
    context_settings=_SETTINGS,
)
_book = typer.Typer(
    epilog=_EXAMPLES, rich_markup_mode=None, no_args_is_help=False, context_settings=_SETTINGS
)
ledger.add_typer(_book, name="auto", help="What the engine traded by itself.")
ledger.add_typer(_book, name="manual", help="What persons ordered, and what was imported.")


@_book.command(
    epilog=_STATS_EXAMPLES, short_help="Say what closed trades came to, net of all costs."
)
def stats(  # noqa: PLR0913 - typer makes one option of each parameter
    ctx: typer.Context,
    *,
    since: FromOption = None,
    until: ToOption = None,
    playbook: PlaybookOption = None,
    side: SideOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    mode: ModeOption = None,
    home: HomeOption = None,
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what closed trades came to, net of all costs, and how sure that is.

    Times choose trades by their end. --csv has a line for all trades and for each group.
    """
    from agent.cli.ledger_found import summary_of

    one_format(as_json=as_json, as_csv=as_csv)
    where = _where(since=since, until=until, playbook=playbook, side=side, market=market)
    found = summary_of(place_of(Named(mode, home, file, config)), _kind(ctx), where, config)
    # What draws text costs the most to import: scripts do not wait for it.
    if as_json:
        from reporting.ledger_json import summary_json

        typer.echo(summary_json(found))
    elif as_csv:
        from reporting.ledger_json import GROUP_COLUMNS, group_lines
        from reporting.row_text import write_csv

        write_csv(group_lines(found), GROUP_COLUMNS, sys.stdout)
    else:
        from agent.cli.output import plain_in_pipes
        from reporting.ledger_text import print_summary

        with plain_in_pipes(sys.stdout) as console:
            print_summary(console, found)


@_book.command(epilog=_TRADES_EXAMPLES, short_help="List closed trades, one a line.")
def trades(  # noqa: PLR0913
    ctx: typer.Context,
    *,
    since: FromOption = None,
    until: ToOption = None,
    playbook: PlaybookOption = None,
    side: SideOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    mode: ModeOption = None,
    home: HomeOption = None,
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """List closed trades, one a line, in the order in which they were stored.

    Times choose trades by their end. --json prints one object a line.
    """
    from domain.ledger import TradeRow
    from reporting.row_text import write_csv, write_json

    one_format(as_json=as_json, as_csv=as_csv)
    where = _where(since=since, until=until, playbook=playbook, side=side, market=market)
    with opened(place_of(Named(mode, home, file, config)), _kind(ctx)) as reader:
        rows = reader.rows(TradeRow, where)
        if as_json:
            write_json(rows, sys.stdout)
        elif as_csv:
            write_csv(rows, TradeRow.__struct_fields__, sys.stdout)
        else:
            from agent.cli.output import plain_in_pipes
            from config.account_words import account_words
            from reporting.ledger_lists import print_ledger_trades

            currency = account_words(config_of(config)).currency
            with plain_in_pipes(sys.stdout) as console:
                print_ledger_trades(console, list(rows), currency)


@_book.command(epilog=_EXPORT_EXAMPLES, short_help="Write all rows of a table, as CSV or JSON.")
def export(  # noqa: PLR0913
    ctx: typer.Context,
    *,
    table: Annotated[
        str,
        typer.Option(
            metavar="TABLE",
            help="instruments, orders, order_states, fills, funding, trades, equity, states, "
            "approvals or commands.",
        ),
    ] = "trades",
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Write a new file that only you can read, instead of stdout.",
        ),
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    playbook: PlaybookOption = None,
    side: SideOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    mode: ModeOption = None,
    home: HomeOption = None,
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """Write all rows of a table, as CSV, or with --json as one object a line.

    A file that exists is never overwritten.
    """
    from db.tables import TABLES
    from reporting.row_text import write_csv, write_json

    one_format(as_json=as_json, as_csv=as_csv)
    kind = _kind(ctx)
    known = {each.name: each.row for each in TABLES[kind]}
    if table not in known:
        raise BadUsage(f"there is no table {table!r}; give one of {', '.join(known)}")
    where = _where(since=since, until=until, playbook=playbook, side=side, market=market)
    with opened(place_of(Named(mode, home, file, config)), kind) as reader:
        rows = reader.rows(known[table], where)
        with _stream(output) as stream:
            if as_json:
                count = write_json(rows, stream)
            else:
                count = write_csv(rows, known[table].__struct_fields__, stream)
    if output is not None:
        typer.echo(f"Wrote {count:,} rows of {table} to {output}.", err=True)


def _kind(ctx: typer.Context) -> FileKind:
    """Under which name the verb was called."""
    assert ctx.parent is not None
    return FileKind.AUTO if ctx.parent.info_name == FileKind.AUTO.word else FileKind.MANUAL


def _where(**conditions: object) -> "Filter":
    import msgspec

    from db.read import Filter

    since, until = conditions.pop("since"), conditions.pop("until")
    named = {"since_ns": since, "until_ns": until, **conditions}
    return msgspec.structs.replace(Filter(), **named)


@contextmanager
def _stream(output: Path | None) -> Iterator[TextIO]:
    """Stdout, or a new private file, of which nothing is left where writing fails."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        descriptor = os.open(output, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise BadInput(f"{output}: exists already; name a file that does not") from error
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror}") from error
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor
            yield file
    except BaseException as error:
        with suppress(OSError):
            output.unlink()
        if isinstance(error, OSError):
            raise BadInput(f"{output}: cannot be written: {error.strerror}") from error
        raise
