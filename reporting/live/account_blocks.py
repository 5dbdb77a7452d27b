"""The account on a live screen: state and result, trades, costs, and what is left of its limits."""

import textwrap
from itertools import accumulate
from math import ceil
from typing import Final

from rich.text import Text

from domain.ledger import TradeRow
from domain.units import SECOND_NS
from reporting.amounts import amount, amounts, counted, places_of, span, utc
from reporting.live.drawn import Lines, Style, fitted, heading
from reporting.live.lines import label
from reporting.live.picture import Picture
from reporting.live.trade_told import explained
from reporting.waterfall import floating_bars
from reporting.why_sentences import of_day, state_told
from reporting.why_words import spoken

_COSTS: Final = ("gross", "spread", "slippage", "fees", "funding", "net")
_NAMES: Final = 14  # cells of a limit's name


def banner(picture: Picture, width: int) -> Lines:
    """What it is, what it may do and why, and when."""
    account = picture.account
    active = account.trading_state == "active"
    first = Text()
    first.append(f" {label(picture.mode)} ", "bold reverse")
    first.append(
        f" {account.trading_state if active else state_told(account)} ",
        "bold" if active else "bold red",
    )
    first.append(f" {utc(picture.now_ns)} UTC, at {picture.speed:g} times its pace")
    if picture.left_s is not None:
        first.append(f", {ceil(picture.left_s)} s left")
    total, currency = picture.total, account.currency
    second = Text()
    second.append(
        f"net {amount(total.money.net, signed=True)} {currency} after costs",
        "bold red" if total.money.net < 0 else "bold green",
    )
    second.append(f" in {counted(total.trades, 'trade')}, {total.won:,} won; ")
    second.append(f"equity {amount(account.equity)}")
    return [fitted(first, width), fitted(second, width)]


def trades(picture: Picture, width: int, height: int, style: Style) -> Lines:
    """The last trades, newest first."""
    newest = picture.trades[::-1][: max(0, height - 1)]
    found = [heading("last trades, net", width, style)]
    if not newest:
        return [*found, Text("none yet")]
    # One count of decimals for all: that of the largest, so that a column can be compared.
    places = places_of(max(abs(each.net) for each in newest))
    nets = [amount(each.net, signed=True, places=places) for each in newest]
    most = max(map(len, nets))
    names = max(len(each.market) for each in newest)
    for trade, net in zip(newest, nets, strict=True):
        found.append(fitted(_trade(trade, f"{net:>{most}}", (names, width), style), width))
    return found


def _trade(trade: TradeRow, net: str, widths: tuple[int, int], style: Style) -> Text:
    """On a line; `widths` of the markets' names, and of the whole."""
    names, width = widths
    line = Text(f"{of_day(trade.exit_ns)[:8]} {style.side[trade.side]}{trade.market:<{names}} ")
    line.append(net, "red" if trade.net < 0 else "green")
    line.append(f" {spoken(trade.reason.word)}")
    held = f", held {span((trade.exit_ns - trade.entry_ns) / SECOND_NS)}"
    return line.append(held) if line.cell_len + len(held) <= width else line


def last_trade(picture: Picture, width: int, style: Style) -> Lines:
    """The last closed trade in sentences."""
    if not picture.trades:
        return []
    told = explained(picture.trades[-1], picture.account.currency)
    lines = [line for each in told for line in textwrap.wrap(each, width)]
    return [heading("the last trade", width, style), *(fitted(Text(each), width) for each in lines)]


def costs(picture: Picture, width: int, style: Style, *, short: bool = False) -> Lines:
    """From gross to net; `short` leaves out what cost nothing."""
    money, currency = picture.total.money, picture.account.currency
    steps = [money.gross, -money.spread_cost, -money.slippage, -money.fees, -money.funding]
    totals = list(accumulate(steps))
    spans = [*zip([steps[0] * 0, *totals], totals, strict=False), (steps[0] * 0, money.net)]
    texts = amounts([*steps, money.net], signed=True)
    bars = floating_bars(spans, max(4, width - 12 - max(map(len, texts))), style.fills)
    found = [heading(f"gross to net, {currency}", width, style)]
    for name, text, bar, step in zip(_COSTS, texts, bars, [*steps, 1], strict=True):
        if short and step == 0:
            continue
        line = Text(f"{name:<9} {text:>{max(map(len, texts))}} ")
        found.append(fitted(line.append(bar, "red" if text.startswith("-") else "green"), width))
    return found


def limits(picture: Picture, width: int, style: Style, *, short: bool = False) -> Lines:
    """What is left of the account's limits; `short`: nothing but that."""
    account = picture.account
    rows: list[tuple[str, str]] = []
    if not short:
        rows.append(("day's result", amount(account.day_result, signed=True)))
    if account.daily_loss_left is not None and account.daily_loss_limit is not None:
        left = f"{amount(account.daily_loss_left)} of {amount(account.daily_loss_limit)}"
        rows.append(("loss left", left))
    if account.drawdown_left is not None and account.drawdown_limit is not None:
        left = f"{amount(account.drawdown_left)} of {amount(account.drawdown_limit)}"
        rows.append(("drawdown left", left))
    if picture.positions_limit is not None:
        rows.append(("positions", f"{picture.positions_open} of at most {picture.positions_limit}"))
    if account.orders_left is not None:
        rows.append(("entries left", f"{account.orders_left:,} today"))
    locks = {(lock.market, lock.code) for each in picture.markets for lock in each.why.locks}
    for where, code in sorted(locks):
        rows.append(("lock", f"{'all markets' if where == '*' else where}: {spoken(code)}"))
    found = [heading(f"limits, {account.currency}", width, style)]
    return found + [fitted(Text(f"{name:<{_NAMES}} {text}"), width) for name, text in rows]
