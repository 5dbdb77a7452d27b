"""Every trade of a replay, one line each; where the terminal is too narrow, two."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from domain.units import SECOND_NS
from reporting.amounts import amount, places_of, price, span
from reporting.replay_summary import TradeLine


def print_trades(console: Console, trades: Sequence[TradeLine], table: Table) -> None:
    """Print all of `trades` in the order given. `table` is empty and brings its style."""
    several = len({trade.market for trade in trades}) > 1
    tight = several and console.width < 100
    if tight:
        table.padding = 0
    _fill(table, trades, several=several, digits=0 if tight else 3)
    # Measured without limit: a measure within the console's width is never above it.
    free = console.options.update(width=10_000)
    if Measurement.get(console, free, table).minimum <= console.width:
        console.print(table)
        return
    for trade in trades:
        console.print(Text(_two_lines(trade)))


def _fill(table: Table, trades: Sequence[TradeLine], *, several: bool, digits: int) -> None:
    """Columns and rows; only `reason` may wrap."""
    markets = ["market"] if several else []
    for heading in ("opened", *markets, "side"):
        table.add_column(heading, vertical="bottom", no_wrap=True)
    for heading in ("quantity", "entry", "exit", "hold"):
        table.add_column(heading, vertical="bottom", no_wrap=True, justify="right")
    table.add_column("reason", vertical="bottom")
    table.add_column("net", vertical="bottom", no_wrap=True, justify="right")
    day = ""
    # Cents where any trade has whole units: a column of five decimals costs every row a line.
    places = min(places_of(trade.money.net) for trade in trades)
    nets = [amount(trade.money.net, signed=True, places=places) for trade in trades]
    for trade, net in zip(trades, nets, strict=True):
        date, time = _date_and_time(trade.entry_ns, digits)
        cells: tuple[str | Text, ...] = (
            time if date == day else f"{date}\n{time}",
            *([Text(trade.market)] if several else []),
            trade.side,
            price(trade.quantity),
            price(trade.entry_price),
            price(trade.exit_price),
            _hold(trade),
            trade.reason,
            net,
        )
        table.add_row(*cells)
        day = date


def _two_lines(trade: TradeLine) -> str:
    return (
        f"{' '.join(_date_and_time(trade.entry_ns, 3))} {trade.market} {trade.side} "
        f"{price(trade.quantity)}\n  {price(trade.entry_price)} -> {price(trade.exit_price)} in "
        f"{_hold(trade)}, {trade.reason}, net "
        f"{amount(trade.money.net, signed=True)}"
    )


def _hold(trade: TradeLine) -> str:
    return span((trade.exit_ns - trade.entry_ns) / SECOND_NS)


def _date_and_time(when_ns: int, digits: int) -> tuple[str, str]:
    """`2023-11-14` and `22:13:20.123`, seconds cut to `digits` decimals."""
    seconds, rest_ns = divmod(when_ns, SECOND_NS)
    moment = datetime.fromtimestamp(seconds, UTC)
    fraction = f".{rest_ns:09}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M:%S}{fraction}"
