"""A ledger's statistics for scripts, exact: one JSON object, or a table of its groups."""

import json
from decimal import Decimal
from typing import Final

import msgspec

from reporting.json_values import flat
from reporting.ledger_summary import LedgerSummary
from reporting.replay_summary import Money
from reporting.trade_measures import Group

GROUP_COLUMNS: Final = (
    "by", "name", "trades", "won", "lost", "gross", "spread_cost", "slippage", "fees", "funding",
    "net", "mean", "mean_low", "mean_high",
)  # fmt: skip


class GroupLine(msgspec.Struct, frozen=True, kw_only=True):
    """A group of trades as a line of a table for other programs."""

    by: str
    name: str
    trades: int
    won: int
    lost: int
    gross: Decimal
    spread_cost: Decimal
    slippage: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    mean: float
    mean_low: float
    mean_high: float


def summary_json(summary: LedgerSummary) -> str:
    """One line of ASCII. Keys are the fields' names, the parts of `money` in its place.

    Sums are strings of decimals, unrounded; means, shares and ratios are numbers, null where there
    is none; times are nanoseconds UTC.
    """
    return json.dumps(flat(summary), allow_nan=False)


def group_lines(summary: LedgerSummary) -> list[GroupLine]:
    """All trades, then each group."""
    found = [_group_line("all", summary.total)]
    for by, parts in summary.by.items():
        found += [_group_line(by, part) for part in parts]
    return found


def _group_line(by: str, part: Group) -> GroupLine:
    money = {name: getattr(part.money, name) for name in Money.__struct_fields__}
    numbers = {name: getattr(part, name) for name in GROUP_COLUMNS if hasattr(part, name)}
    return GroupLine(by=by, **numbers, **money)
