"""A ledger's trades, the history of an account and its log, for people and scripts."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text

from domain.enums import OutputKind, Refusal
from domain.ledger import (
    ApprovalRow,
    CommandRow,
    DecisionRow,
    InstrumentRow,
    LogRow,
    StateRow,
    TradeRow,
)
from reporting.amounts import amount, utc
from reporting.layout import plain_table, print_sentence
from reporting.replay_summary import Money, TradeLine
from reporting.trade_list import print_trades

TOLD: Final = (
    OutputKind.STATE_CHANGED,
    OutputKind.PLAYBOOK_CHANGED,
    OutputKind.LOCKED,
    OutputKind.COMMAND_REFUSED,
)


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person or the engine did to the account; `origin` is who or which file."""

    time_ns: int
    origin: str
    kind: str
    market: str
    text: str


class KeptLock(msgspec.Struct, frozen=True, kw_only=True):
    """What a state row says of a lock; the market "*" is all of them."""

    market: str
    code: int
    since_ns: int
    until_ns: int | None
    key: str


class _KeptRisk(msgspec.Struct, frozen=True, kw_only=True):
    locks: tuple[KeptLock, ...] = ()


def print_ledger_trades(console: Console, trades: Sequence[TradeRow], currency: str) -> None:
    """One line a trade, in the order in which they closed."""
    if not trades:
        print_sentence(console, "No closed trade.")
        return
    print_sentence(console, f"Times in UTC, net in {currency}.")
    print_trades(console, [_line(trade) for trade in trades], plain_table(console))


def run_starts(origin: str, instruments: Iterable[InstrumentRow]) -> list[HistoryLine]:
    """A run of the engine says what its markets are when it begins, all at one time."""
    runs: dict[int, list[str]] = {}
    for row in instruments:
        runs.setdefault(row.time_ns, []).append(row.market)
    return [
        HistoryLine(
            time_ns=time_ns, origin=origin, kind="run_started", market="", text=", ".join(markets)
        )
        for time_ns, markets in runs.items()
    ]


def history_line(origin: str, row: CommandRow | ApprovalRow | DecisionRow) -> HistoryLine:
    """Of a row of the file `origin`."""
    match row:
        case CommandRow():
            return HistoryLine(
                time_ns=row.time_ns,
                origin=row.origin,
                kind="command",
                market="",
                text=f"{row.command} {row.detail}".strip(),
            )
        case ApprovalRow():
            return HistoryLine(
                time_ns=row.time_ns,
                origin=row.who,
                kind="approval",
                market="",
                text=f"{row.what} {row.detail}".strip(),
            )
    return HistoryLine(
        time_ns=row.time_ns,
        origin=origin,
        kind=row.kind.word,
        market=row.market,
        text=_decided(row),
    )


def locks_of(state: StateRow | None) -> tuple[KeptLock, ...]:
    """The locks that risk's kept state holds; none where it is of another shape."""
    if state is None:
        return ()
    try:
        return msgspec.json.decode(state.value, type=_KeptRisk).locks
    except msgspec.DecodeError:
        return ()


def print_history(
    console: Console, lines: Sequence[HistoryLine], locks: Sequence[KeptLock], now_ns: int
) -> None:
    """One line each in the order of time, then the locks that hold now."""
    table = plain_table(console)
    for heading in ("time, UTC", "by", "what"):
        table.add_column(heading, no_wrap=True)
    table.add_column("market", overflow="fold")
    table.add_column("detail", overflow="fold")
    for line in lines:
        table.add_row(
            utc(line.time_ns),
            *(Text(each) for each in (line.origin, line.kind, line.market, line.text)),
        )
    if lines:
        console.print(table)
    else:
        print_sentence(console, "Nothing was done in this time.")
    for lock in locks:
        if lock.until_ns is None or lock.until_ns > now_ns:
            print_sentence(console, _locked(lock))


def print_logs(console: Console, rows: Iterable[LogRow]) -> None:
    """One line each: time, level, event, then its fields."""
    for row in rows:
        console.print(Text(f"{utc(row.time_ns)} {row.level:<8} {row.event} {_fields(row.detail)}"))


def _line(trade: TradeRow) -> TradeLine:
    return TradeLine(
        market=trade.market,
        side=trade.side.word,
        quantity=trade.quantity,
        entry_ns=trade.entry_ns,
        exit_ns=trade.exit_ns,
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        reason=trade.reason.word,
        money=Money(
            gross=trade.gross,
            spread_cost=trade.spread_cost,
            slippage=trade.slippage,
            fees=trade.fees,
            funding=trade.funding,
            net=trade.net,
        ),
    )


def _decided(row: DecisionRow) -> str:
    limits = json.loads(row.distances or "{}")
    if row.kind is OutputKind.LOCKED:
        limit, actual = limits.get("limit"), limits.get("actual")
        return f"{row.code}, {_shown(actual)} against a limit of {_shown(limit)}"
    if row.kind is OutputKind.STATE_CHANGED:
        return f"{row.code}, {limits['cause'].replace('_', ' ')}" if limits else row.code
    if row.kind is OutputKind.PLAYBOOK_CHANGED:
        return f"by its switch {row.code}" if row.code else "by command"
    return row.code


def _shown(value: float | None) -> str:
    return "-" if value is None else amount(Decimal(repr(value)))


def _locked(lock: KeptLock) -> str:
    where = "all markets" if lock.market == "*" else lock.market
    known = {each.value: each.word for each in Refusal}
    why = known.get(lock.code, str(lock.code))
    until = "a person releases it" if lock.until_ns is None else f"{utc(lock.until_ns)} UTC"
    key = f" ({lock.key})" if lock.key else ""
    return f"Locked: {where} by {why}{key} since {utc(lock.since_ns)} UTC, until {until}."


def _fields(detail: str) -> str:
    """JSON of one level as `name=value`, anything else as it is."""
    try:
        found = json.loads(detail)
    except ValueError:
        return detail
    if not isinstance(found, dict):
        return detail
    return " ".join(f"{name}={_field(value)}" for name, value in found.items())


def _field(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
