"""Measures of closed trades. Money is summed exactly; means and shares are floats."""

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from statistics import median

import msgspec

from domain.ledger import EquityRow, TradeRow
from domain.units import EXACT, SECOND_NS
from reporting.measures import Interval, mean_interval, wilson_interval
from reporting.replay_summary import Money

_NOTHING = Decimal(0)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Trades that have something in common, or all; `money` has their exact sums.

    won, lost  net above and below 0.
    mean       net of a trade; with its 95 % interval, nan below 2 trades.
    """

    name: str
    trades: int
    won: int
    lost: int
    money: Money
    mean: float
    mean_low: float
    mean_high: float

    @property
    def costs(self) -> Decimal:
        """All that was paid between gross and net."""
        return EXACT.subtract(self.money.gross, self.money.net)


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """How single trades ended; nan and None where no trade is of the kind.

    win_rate       share of trades with a net above 0, with its 95 % interval (Wilson).
    profit_factor  sum of winners' net over that of losers; inf without a loser.
    payoff         mean winner over mean loser, above 0.
    """

    win_rate: float
    win_rate_low: float
    win_rate_high: float
    profit_factor: float
    payoff: float
    mean_win: float
    mean_loss: float
    best: Decimal | None
    worst: Decimal | None


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from first entry to last exit of a trade; nan without trades."""

    shortest_s: float
    median_s: float
    mean_s: float
    longest_s: float


class Excursions(msgspec.Struct, frozen=True, kw_only=True):
    """Worst (MAE) and best (MFE) results on the way, costs apart: means, by how trades ended."""

    mae_mean: float
    mae_worst: Decimal | None
    mae_of_winners: float
    mae_of_losers: float
    mfe_mean: float
    mfe_best: Decimal | None
    mfe_of_winners: float
    mfe_of_losers: float


class Drawdown(msgspec.Struct, frozen=True, kw_only=True):
    """Largest fall below an earlier peak, >= 0; `share` of that peak, nan where it is unknown."""

    amount: Decimal
    share: float


def group(name: str, trades: Sequence[TradeRow]) -> Group:
    """The sums of trades."""
    nets = [float(trade.net) for trade in trades]
    interval = mean_interval(nets) if len(nets) > 1 else Interval(math.nan, math.nan)
    return Group(
        name=name,
        trades=len(trades),
        won=sum(trade.net > 0 for trade in trades),
        lost=sum(trade.net < 0 for trade in trades),
        money=Money(
            gross=_sum(trade.gross for trade in trades),
            spread_cost=_sum(trade.spread_cost for trade in trades),
            slippage=_sum(trade.slippage for trade in trades),
            fees=_sum(trade.fees for trade in trades),
            funding=_sum(trade.funding for trade in trades),
            net=_sum(trade.net for trade in trades),
        ),
        mean=_mean(nets),
        mean_low=interval.low,
        mean_high=interval.high,
    )


def groups(trades: Iterable[TradeRow], name: Callable[[TradeRow], str]) -> list[Group]:
    """One for each name, in the order of the names."""
    found: dict[str, list[TradeRow]] = {}
    for trade in trades:
        found.setdefault(name(trade), []).append(trade)
    return [group(each, found[each]) for each in sorted(found)]


def outcomes(trades: Sequence[TradeRow]) -> Outcomes:
    """Winners against losers; a net of exactly 0 is neither."""
    nets = [trade.net for trade in trades]
    wins, losses = [net for net in nets if net > 0], [net for net in nets if net < 0]
    gained, lost = float(_sum(wins)), -float(_sum(losses))
    rate = wilson_interval(len(wins), len(nets)) if nets else Interval(math.nan, math.nan)
    factor = math.inf if wins and not losses else math.nan
    return Outcomes(
        win_rate=len(wins) / len(nets) if nets else math.nan,
        win_rate_low=rate.low,
        win_rate_high=rate.high,
        profit_factor=gained / lost if losses else factor,
        payoff=gained / len(wins) * len(losses) / lost if wins and losses else math.nan,
        mean_win=gained / len(wins) if wins else math.nan,
        mean_loss=-lost / len(losses) if losses else math.nan,
        best=max(nets, default=None),
        worst=min(nets, default=None),
    )


def holds(trades: Sequence[TradeRow]) -> Holds:
    """How long trades were held."""
    held = [(trade.exit_ns - trade.entry_ns) / SECOND_NS for trade in trades]
    return Holds(
        shortest_s=min(held, default=math.nan),
        median_s=median(held) if held else math.nan,
        mean_s=_mean(held),
        longest_s=max(held, default=math.nan),
    )


def excursions(trades: Sequence[TradeRow]) -> Excursions:
    """How far trades went against and for their position."""
    won = [trade for trade in trades if trade.net > 0]
    lost = [trade for trade in trades if trade.net < 0]
    return Excursions(
        mae_mean=_mean([float(trade.mae) for trade in trades]),
        mae_worst=min((trade.mae for trade in trades), default=None),
        mae_of_winners=_mean([float(trade.mae) for trade in won]),
        mae_of_losers=_mean([float(trade.mae) for trade in lost]),
        mfe_mean=_mean([float(trade.mfe) for trade in trades]),
        mfe_best=max((trade.mfe for trade in trades), default=None),
        mfe_of_winners=_mean([float(trade.mfe) for trade in won]),
        mfe_of_losers=_mean([float(trade.mfe) for trade in lost]),
    )


def exposure(trades: Iterable[TradeRow], since_ns: int, until_ns: int) -> float:
    """Share of a time in which at least one position was open; nan of no time."""
    if until_ns <= since_ns:
        return math.nan
    open_ns, seen_ns = 0, since_ns
    for trade in sorted(trades, key=lambda each: each.entry_ns):
        start_ns, end_ns = max(trade.entry_ns, seen_ns), min(trade.exit_ns, until_ns)
        open_ns += max(0, end_ns - start_ns)
        seen_ns = max(seen_ns, end_ns)
    return open_ns / (until_ns - since_ns)


def trade_drawdown(trades: Iterable[TradeRow], start: Decimal | None) -> Drawdown:
    """Of the sum of net, trade by trade in the order of their ends, from `start`, a peak itself."""
    base = _NOTHING if start is None else start
    equities = [base]
    for trade in sorted(trades, key=lambda each: each.exit_ns):
        equities.append(EXACT.add(equities[-1], trade.net))
    found = _drawdown(equities)
    return found if start is not None else Drawdown(amount=found.amount, share=math.nan)


def equity_drawdown(rows: Iterable[EquityRow]) -> Drawdown:
    """Of the account's equity as it was stored, open positions included."""
    return _drawdown([row.equity for row in rows])


def _drawdown(equities: Iterable[Decimal]) -> Drawdown:
    """The largest amount, and the largest share; they may be of different falls."""
    peak: Decimal | None = None
    worst, share = _NOTHING, 0.0
    for equity in equities:
        peak = equity if peak is None else max(peak, equity)
        fall = EXACT.subtract(peak, equity)
        worst = max(worst, fall)
        share = max(share, float(fall) / float(peak)) if peak > 0 else math.nan
    return Drawdown(amount=worst, share=share)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _NOTHING
    for each in amounts:
        total = EXACT.add(total, each)
    return total


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
