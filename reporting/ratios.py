"""Risk-adjusted measures of daily net returns; one that cannot be computed says why.

Checked in the tests against the formulas of quantstats 0.0.77 (stats.py: sharpe, sortino, cagr,
max_drawdown, calmar), with a risk-free rate of 0.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ledger import TradeRow
from domain.units import EXACT, SECOND_NS

EVERY_DAY: Final = 365  # days a year of a market without sessions
SESSION_DAYS: Final = 252
_MONDAY_TO_FRIDAY: Final = range(5)


class Ratio(NamedTuple):
    """A measure, or nan and why there is none."""

    value: float
    missing: str = ""


class Returns(NamedTuple):
    """Net returns of days in order, on the equity that each began with.

    days  a year's: EVERY_DAY or SESSION_DAYS.
    """

    values: tuple[float, ...]
    days: int
    missing: str = ""


def daily_returns(trades: Iterable[TradeRow], start: Decimal, zone: tzinfo, days: int) -> Returns:
    """Net of the trades closed on a day over the equity before it: `start` plus all earlier net.

    From the day of the first entry to that of the last exit, in `zone`; a day without an exit
    counts as 0, and of SESSION_DAYS only Mondays to Fridays and days with an exit count. Without
    values where equity was not above 0.
    """
    nets: dict[date, Decimal] = {}
    first: date | None = None
    for trade in trades:
        entered, left = day_of(trade.entry_ns, zone), day_of(trade.exit_ns, zone)
        first = entered if first is None else min(first, entered)
        nets[left] = EXACT.add(nets.get(left, Decimal(0)), trade.net)
    values: list[float] = []
    equity = start
    for day in _calendar(first, max(nets, default=None)):
        if equity <= 0:
            return Returns((), days, "equity was not above 0")
        net = nets.get(day)
        if net is not None or days == EVERY_DAY or day.weekday() in _MONDAY_TO_FRIDAY:
            values.append(0.0 if net is None else float(net) / float(equity))
        equity = equity if net is None else EXACT.add(equity, net)
    return Returns(tuple(values), days)


def day_of(when_ns: int, zone: tzinfo) -> date:
    """The date of a moment in a zone."""
    return moment_in(when_ns, zone).date()


def moment_in(when_ns: int, zone: tzinfo) -> datetime:
    """A moment on the clock of a zone, cut to seconds."""
    return datetime.fromtimestamp(when_ns // SECOND_NS, UTC).astimezone(zone)


def sharpe(returns: Returns) -> Ratio:
    """Mean over standard deviation (n - 1), times the root of the days a year.

    Source: W. F. Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21 (1994) 49-58.
    """
    values = returns.values
    if len(values) < 2:
        return _too_short(returns)
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((each - mean) ** 2 for each in values) / (len(values) - 1))
    if min(values) == max(values):
        return Ratio(math.nan, "all days have the same return")
    return Ratio(mean / deviation * math.sqrt(returns.days))


def sortino(returns: Returns) -> Ratio:
    """Mean over the root of the mean square of losses, all days counted, times as in `sharpe`.

    Source: F. A. Sortino and L. N. Price, "Performance Measurement in a Downside Risk Framework",
    Journal of Investing 3 (1994) 59-64, target 0.
    """
    values = returns.values
    if len(values) < 2:
        return _too_short(returns)
    downside = math.sqrt(math.fsum(each**2 for each in values if each < 0) / len(values))
    if downside == 0:
        return Ratio(math.nan, "no day lost")
    return Ratio(math.fsum(values) / len(values) / downside * math.sqrt(returns.days))


def worst_fall(values: Sequence[float]) -> float:
    """Largest fall below an earlier peak of what grows by `values` from 1, as a share of the peak.

    0 without a fall; the start counts as a peak.
    """
    grown, peak, worst = 1.0, 1.0, 0.0
    for each in values:
        grown *= 1 + each
        peak = max(peak, grown)
        worst = max(worst, 1 - grown / peak)
    return worst


def growth(returns: Returns) -> Ratio:
    """Compound growth a year: all days' growth to the power of days a year over days counted."""
    if len(returns.values) < 2:
        return _too_short(returns)
    grown = math.prod(1 + each for each in returns.values)
    if grown <= 0:
        return Ratio(math.nan, "nothing was left")
    try:
        return Ratio(grown ** (returns.days / len(returns.values)) - 1)
    except OverflowError:
        return Ratio(math.nan, "too few days to speak of a year")


def calmar(returns: Returns) -> Ratio:
    """Growth a year over the worst fall.

    Source: T. W. Young, "Calmar Ratio: A Smoother Tool", Futures 20 (1991) 40, over all days.
    """
    grown, fall = growth(returns), worst_fall(returns.values)
    if math.isnan(grown.value):
        return grown
    return Ratio(grown.value / fall) if fall else Ratio(math.nan, "no day ended below a peak")


def _too_short(returns: Returns) -> Ratio:
    return Ratio(math.nan, returns.missing or "fewer than 2 days")


def _calendar(first: date | None, last: date | None) -> Iterable[date]:
    if first is None or last is None:
        return ()
    return (first + timedelta(days) for days in range((last - first).days + 1))
