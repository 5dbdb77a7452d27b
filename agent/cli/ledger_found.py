"""Reads what statistics are made of out of a ledger's file, and of what lies beside it."""

from decimal import Decimal
from pathlib import Path

import msgspec

from agent.cli.places import Place, config_of, opened
from config.account_words import account_words
from db.read import Filter, Reader
from db.state_keys import ACCOUNT
from domain.enums import FileKind
from domain.errors import BadInput
from domain.ledger import EquityRow, InstrumentRow, TradeRow
from domain.units import EXACT
from reporting.ledger_summary import Asked, Found, LedgerSummary, ledger_summary


class _Account(msgspec.Struct, frozen=True, kw_only=True):
    """What of the account's kept state is read here."""

    start: Decimal


def summary_of(place: Place, kind: FileKind, where: Filter, config: Path | None) -> LedgerSummary:
    """The statistics of the trades that pass a filter."""
    words = account_words(config_of(config))
    with opened(place, kind) as reader:
        trades = list(reader.rows(TradeRow, where))
        times = Filter(since_ns=where.since_ns, until_ns=where.until_ns)
        found = Found(
            trades=trades,
            equity=list(reader.rows(EquityRow, times)),
            start=_start(reader, place, where),
            contracts={row.market: row.contract for row in reader.rows(InstrumentRow)},
        )
        spec = reader.spec
    asked = Asked(
        file=str(place.path(kind)),
        mode=spec.mode.word,
        kind=kind.word,
        account=spec.account,
        currency=words.currency,
        zone=words.zone.key,
        since_ns=where.since_ns,
        until_ns=where.until_ns,
        market=where.market,
        playbook=where.playbook,
        side=None if where.side is None else where.side.word,
    )
    return ledger_summary(asked, found, words.zone)


def _start(reader: Reader, place: Place, where: Filter) -> Decimal | None:
    """Equity before the first of the trades: the account's start and all net of this file since."""
    start = _account_start(reader)
    if start is None and place.file is None:
        try:
            with opened(place, FileKind.AUTO) as auto:
                start = _account_start(auto)
        except BadInput:
            return None  # it was never made; the manual ledger stands alone
    if start is None or where.since_ns is None:
        return start
    for trade in reader.rows(TradeRow, Filter(until_ns=where.since_ns)):
        start = EXACT.add(start, trade.net)
    return start


def _account_start(reader: Reader) -> Decimal | None:
    state = reader.state(ACCOUNT)
    if state is None:
        return None
    try:
        return msgspec.json.decode(state.value, type=_Account).start
    except msgspec.DecodeError:
        return None  # of another build; measures that need it say so
