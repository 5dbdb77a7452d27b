"""What is remembered of a replay so that it can be drawn: the account on its way, trades, prices.

It only reads: a replay that is drawn decides as one that is not.
"""

from collections.abc import Sequence

import numpy as np

from agent.core.market_book import MarketBook
from agent.replay.loading import Market
from domain.arrays import Rows
from domain.enums import PriceSource, TickKind
from domain.instruments import Instrument
from domain.portfolio import Trade
from domain.units import MICRO
from market.history.merge import MarkKind, Timeline
from reporting.excursions import Excursions, excursions
from reporting.plots.data import (
    COLUMNS,
    EquityPicture,
    Pictures,
    PricePicture,
    thinned,
)


class PictureTaker:
    """Samples the account after each piece of ticks and at each close. `every`: ticks a piece."""

    def __init__(self, book: MarketBook, every: int) -> None:
        self._book = book
        self._every = every
        self._samples: list[tuple[int, int, int]] = []
        self._excursions: list[Excursions] = []

    def sample(self, least_ns: int = 0) -> None:
        """Remember time (at least `least_ns`), equity and its peak, in micro-units."""
        account = self._book.account
        equity = sum(int(account[part]) for part in ("start_equity", "realised", "unrealised"))
        now_ns = max(int(self._book.stop["now_ns"]), least_ns)
        if now_ns:
            self._samples.append((now_ns, equity, int(account["peak_equity"])))

    def closed(self, market: int, trade: Trade) -> None:
        """A trade has just closed; its market's row still knows how far it went."""
        facts, row = self._book.facts[market], self._book.rows[market]
        levels = (int(row["low_ticks"]), int(row["high_ticks"]))
        self._excursions.append(excursions(facts.instrument, facts.rate, trade, *levels))
        self.sample()

    def pictures(self, timeline: Timeline, markets: Sequence[Market]) -> Pictures:
        """Of everything that was folded, once it was."""
        self.sample(int(timeline.ticks["event_ns"][-1]))
        found = np.array(self._samples, np.int64).reshape(-1, 3)
        differs = np.any(found[1:, 1:] != found[:-1, 1:], axis=1)
        found = found[np.concatenate(([True], differs[:-1], [True]))] if len(found) > 1 else found
        return Pictures(
            equity=EquityPicture(
                at_ns=found[:, 0].copy(),
                equity=found[:, 1] / MICRO,
                peak=found[:, 2] / MICRO,
                every=self._every,
            ),
            prices=tuple(_prices(timeline, markets)),
            excursions=tuple(self._excursions),
            ends_ns=(int(timeline.ticks["event_ns"][0]), int(found[-1, 0])),
            simulated=tuple(
                market.instrument.name for market in markets if market.instrument.simulated
            ),
        )


def _prices(timeline: Timeline, markets: Sequence[Market]) -> list[PricePicture]:
    of_trades = {
        mark.span.market
        for mark in timeline.marks
        if mark.kind is MarkKind.START and mark.span.price_source is PriceSource.TRADES
    }
    ticks, found = timeline.ticks, []
    for number, market in enumerate(markets):
        own = ticks[(ticks["market"] == number) & (ticks["slot"] == 0)]
        kind = TickKind.TRADE if number in of_trades else TickKind.QUOTE
        found.append(_price(own[own["kind"] == kind], market.instrument, kind))
    return found


def _price(rows: Rows, instrument: Instrument, kind: TickKind) -> PricePicture:
    traded = kind is TickKind.TRADE
    price = rows["price"] if traded else rows["bid"] / 2 + rows["ask"] / 2
    at_ns = np.ascontiguousarray(rows["event_ns"])
    kept = thinned(at_ns, price, COLUMNS) if len(rows) else np.zeros(0, np.int64)
    return PricePicture(
        market=instrument.name,
        at_ns=at_ns[kept],
        price=price[kept],
        columns=COLUMNS,
        of_trades=traded,
        currency=instrument.quote,
    )
