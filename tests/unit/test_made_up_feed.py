"""The simulated market of a service goes on where the run before left it."""

from decimal import Decimal
from typing import cast

import numpy as np
import pytest

from agent.core.market_book import MarketBook
from agent.service.engine import Engine
from agent.service.feeds import MadeUpFeed
from agent.service.served import Account
from config.catalog import load_instrument
from config.settings import load_settings
from domain.arrays import Rows
from domain.enums import Mode
from domain.errors import BadConfig
from engine_cases import served
from virtual_loop import EPOCH_NS, VirtualClock, run_virtual

START = 50_000.0


class FirstTicks:
    """A Ring that ends the feed with its first quotes."""

    class Full(Exception):
        """Enough was put."""

    def __init__(self) -> None:
        self.mids: list[float] = []

    async def put_all(self, rows: Rows) -> None:
        mids = (rows["bid"] + rows["ask"]) / 2.0
        self.mids += mids[np.isfinite(mids)].tolist()
        if self.mids:
            raise FirstTicks.Full


class Served:
    """An Engine as far as a feed looks."""

    def __init__(self, bid_ticks: int | None) -> None:
        account = Account(
            settings=load_settings(),
            mode=Mode.SIMULATED,
            served=served(load_instrument("SIM-COIN"), by_hand=False),
        )
        self.ring = FirstTicks()
        self.book = MarketBook(Decimal(1_000), account.settings.limits, 1)
        self.book.set_market(account.sets(EPOCH_NS)[0])
        if bid_ticks is not None:
            features = self.book.rows[0]["features"][0]
            features["book_set"], features["bid_ticks"] = 1, bid_ticks
            features["ask_ticks"] = bid_ticks + 1


def first_mid(bid_ticks: int | None) -> float:
    """Of a feed that an engine with this last quote is given."""
    engine = Served(bid_ticks)

    async def scene() -> None:
        feed = MadeUpFeed(["SIM-COIN"], VirtualClock(), seed=3)
        with pytest.raises(FirstTicks.Full):
            await feed.run(cast("Engine", engine))

    run_virtual(1, scene)
    return engine.ring.mids[0]


def test_prices_begin_at_the_last_quote_of_the_run_before() -> None:
    tick = float(load_instrument("SIM-COIN").tick)
    assert first_mid(80_000) == pytest.approx(80_000.5 * tick, rel=1e-3)


def test_without_a_run_before_they_begin_where_the_market_does() -> None:
    assert first_mid(None) == pytest.approx(START, rel=1e-3)


def test_an_instrument_of_another_market_is_refused() -> None:
    async def scene() -> None:
        MadeUpFeed(["BTCUSDT-usdm"], VirtualClock(), seed=3)

    with pytest.raises(BadConfig, match="is no instrument of the simulated market"):
        run_virtual(1, scene)
