"""The report of a ledger is honest, complete and readable in 80 columns."""

import io
import math
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from rich.console import Console

from domain.enums import Contract
from domain.ledger import TradeRow
from ledger_trades import a_day_each, equity, traded
from reporting.ledger_summary import Asked, Found, LedgerSummary, ledger_summary
from reporting.ledger_text import print_summary, verdict
from reporting.trade_measures import group

ASKED = Asked(file="auto.db", mode="paper", kind="auto", account="demo", currency="USD", zone="UTC")


def summary(trades: list[TradeRow], start: str | None = "1000", **asked: Any) -> LedgerSummary:  # noqa: ANN401  passed on
    found = Found(
        trades=trades,
        equity=[equity("1000"), equity("990", 60, 1)],
        start=None if start is None else Decimal(start),
        contracts={"COIN": Contract.LINEAR_PERPETUAL, "IBM": Contract.SHARE},
    )
    return ledger_summary(msgspec.structs.replace(ASKED, **asked), found, UTC)


def printed(found: LedgerSummary) -> str:
    stream = io.StringIO()
    print_summary(Console(file=stream, width=80, markup=False), found)
    return stream.getvalue()


def many(*nets: str) -> list[TradeRow]:
    """Thirty times these."""
    return [traded(net, 20 * i) for i, net in enumerate(nets * 30)]


@pytest.mark.parametrize(
    ("trades", "told"),
    [
        ([], "No closed trade: there is no result."),
        (a_day_each("-3"), "closed trade, -3.00 a trade: too few trades to tell, below 30."),
        (many("1", "-1.1"), "no edge shown, the interval includes 0."),
        (many("1.1", "-1"), "no edge shown, the interval includes 0."),
        (many("1", "-3"), "a loss that chance does not explain."),
        (many("3", "-1"), "better than chance in this sample, which promises nothing."),
        (many("0"), "Neither gain nor loss, 0.00 USD after all costs in 30 closed trades"),
    ],
)
def test_verdict_is_one_sentence_that_claims_no_more_than_it_knows(
    trades: list[TradeRow], told: str
) -> None:
    said = verdict(group("all", trades), "USD")
    assert told in said
    assert said.count(". ") == 0


def test_report_opens_with_net_after_all_costs_and_its_uncertainty() -> None:
    text = printed(summary(many("1", "-1.1")))
    words = "Net loss of 3.00 USD after all costs in 60 closed trades, -0.0500 a trade (95 %"
    assert " ".join(text.split()).startswith(words)


def test_report_fits_80_columns_and_has_every_part() -> None:
    text = printed(summary(many("1", "-1.1")))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    headings = ("Result", "From gross to net", "Risk-adjusted", "By side", "By reason of the exit")
    later = ("By hour of the entry, UTC", "By playbook", "By regime", "By market")
    assert all(heading in text for heading in (*headings, *later))


def test_measure_without_a_value_is_a_dash_with_the_reason() -> None:
    text = printed(summary(a_day_each("1")))
    assert "Sharpe   -, fewer than 2 days" in text
    assert "profit factor  no losing trade" in text
    assert "nan" not in text


def test_unknown_start_of_the_account_is_said() -> None:
    text = printed(summary(a_day_each("1", "-1"), start=None))
    assert "Sharpe   -, the equity at the start is not known" in text


def test_year_has_365_days_unless_all_markets_have_sessions() -> None:
    assert summary(a_day_each("1", "-1")).ratios.days_a_year == 365
    shares = [traded("1", market="IBM"), traded("-1", 90_000, market="IBM")]
    assert summary(shares).ratios.days_a_year == 252
    assert summary([*shares, traded("1")]).ratios.days_a_year == 365
    assert "by 252 as all markets have sessions" in " ".join(printed(summary(shares)).split())


def test_few_days_are_called_few() -> None:
    assert "Below 30 days such ratios say little." in printed(summary(a_day_each("1", "-1")))
    long = summary(a_day_each(*["1", "-1"] * 15))
    assert "say little" not in printed(long)


def test_account_equity_is_told_only_of_all_of_its_trades() -> None:
    whole, part = summary(a_day_each("1")), summary(a_day_each("1"), market="COIN")
    assert whole.equity_drawdown is not None
    assert (whole.equity_drawdown.amount, whole.open_positions) == (Decimal(10), 1)
    assert (part.equity_drawdown, part.open_positions) == (None, None)


def test_conditions_are_named() -> None:
    text = printed(
        summary(a_day_each("1"), market="COIN", side="long", until_ns=1_700_000_000 * 10**9)
    )
    assert "market COIN only" in " ".join(text.split())
    assert "closed before 2023-11-14 22:13:20" in " ".join(text.split())


def test_groups_by_hour_are_those_of_the_zone() -> None:
    assert [each.name for each in summary(a_day_each("1")).by["hour"]] == ["12"]


def test_no_trade_has_no_tables() -> None:
    text = printed(summary([]))
    assert text.count("\n") == 2
    assert math.isnan(summary([]).outcomes.win_rate)
