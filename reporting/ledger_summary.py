"""What a ledger's trades come to: the numbers of `ledger auto|manual stats`.

Field names are the keys of its JSON. Sums of money are exact decimals; means, shares and ratios are
floats, null in JSON where there is none.
"""

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Final

import msgspec

from domain.enums import Contract
from domain.ledger import EquityRow, TradeRow
from reporting.ratios import (
    EVERY_DAY,
    SESSION_DAYS,
    Ratio,
    calmar,
    daily_returns,
    growth,
    moment_in,
    sharpe,
    sortino,
)
from reporting.trade_measures import (
    Drawdown,
    Excursions,
    Group,
    Holds,
    Outcomes,
    equity_drawdown,
    excursions,
    exposure,
    group,
    groups,
    holds,
    outcomes,
    trade_drawdown,
)

_SESSIONS: Final = (Contract.SHARE, Contract.CFD, Contract.FUTURE)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which file was read and what was asked of it; None: no such condition.

    currency, zone  of the account.
    """

    file: str
    mode: str
    kind: str
    account: str
    currency: str
    zone: str
    since_ns: int | None = None
    until_ns: int | None = None
    market: str | None = None
    playbook: str | None = None
    side: str | None = None

    @property
    def all_of_it(self) -> bool:
        """No condition but time, so that the account's equity tells of the same trades."""
        return self.market is None and self.playbook is None and self.side is None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The rows, in the order in which they were stored.

    start      equity before the first of these trades; None where the file does not say.
    contracts  of the markets, by name.
    """

    trades: Sequence[TradeRow]
    equity: Sequence[EquityRow]
    start: Decimal | None
    contracts: dict[str, Contract]


class Ratios(msgspec.Struct, frozen=True, kw_only=True):
    """Of daily net returns, annualised.

    days           that count; a year has `days_a_year` of them.
    growth         compound, a year.
    missing        why a ratio is null, by its name.
    """

    days: int
    days_a_year: int
    sharpe: float
    sortino: float
    calmar: float
    growth: float
    missing: dict[str, str]


class LedgerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything.

    first_ns, last_ns  first entry and last exit.
    start_equity       before the first trade.
    exposure           share of the time with an open position, between the first and the last row
                       of trades and equity.
    equity_drawdown    None where equity is not kept in this file or tells of other trades too.
    by                 side, reason, hour, playbook, regime, market: groups by name.
    """

    asked: Asked
    first_ns: int | None
    last_ns: int | None
    start_equity: Decimal | None
    total: Group
    outcomes: Outcomes
    ratios: Ratios
    exposure: float
    holds: Holds
    excursions: Excursions
    drawdown: Drawdown
    equity_drawdown: Drawdown | None
    open_positions: int | None
    by: dict[str, list[Group]]


def ledger_summary(asked: Asked, found: Found, zone: tzinfo) -> LedgerSummary:
    """All measures of the trades that were found."""
    trades, equity = found.trades, found.equity
    entries, exits = [each.entry_ns for each in trades], [each.exit_ns for each in trades]
    times = [row.time_ns for row in equity]
    return LedgerSummary(
        asked=asked,
        first_ns=min(entries, default=None),
        last_ns=max(exits, default=None),
        start_equity=found.start,
        total=group("all", trades),
        outcomes=outcomes(trades),
        ratios=_ratios(found, zone),
        exposure=exposure(
            trades, min([*entries, *times], default=0), max([*exits, *times], default=0)
        ),
        holds=holds(trades),
        excursions=excursions(trades),
        drawdown=trade_drawdown(trades, found.start),
        equity_drawdown=equity_drawdown(equity) if equity and asked.all_of_it else None,
        open_positions=equity[-1].open_positions if equity and asked.all_of_it else None,
        by={
            "side": groups(trades, lambda each: each.side.word),
            "reason": groups(trades, lambda each: each.reason.word),
            "hour": groups(trades, lambda each: f"{moment_in(each.entry_ns, zone):%H}"),
            "playbook": groups(trades, lambda each: each.playbook),
            "regime": groups(trades, lambda each: each.regime.word),
            "market": groups(trades, lambda each: each.market),
        },
    )


def _ratios(found: Found, zone: tzinfo) -> Ratios:
    contracts = {found.contracts.get(trade.market) for trade in found.trades}
    # One market that never closes makes every day a day.
    days = SESSION_DAYS if contracts and contracts <= set(_SESSIONS) else EVERY_DAY
    if found.start is None:
        why = "the equity at the start is not known"
        named = dict.fromkeys(("sharpe", "sortino", "calmar", "growth"), Ratio(float("nan"), why))
        counted = 0
    else:
        returns = daily_returns(found.trades, found.start, zone, days)
        named = {
            "sharpe": sharpe(returns),
            "sortino": sortino(returns),
            "calmar": calmar(returns),
            "growth": growth(returns),
        }
        counted = len(returns.values)
    return Ratios(
        days=counted,
        days_a_year=days,
        missing={name: ratio.missing for name, ratio in named.items() if ratio.missing},
        **{name: ratio.value for name, ratio in named.items()},
    )
