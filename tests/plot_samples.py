"""Made-up replays to draw: one that traded twice, and one that never did."""

from decimal import Decimal
from typing import Final

import numpy as np
from msgspec.structs import replace

from domain.units import SECOND_NS, Money
from replay_samples import MONEY, summary, trade, untraded
from reporting.excursions import Excursions
from reporting.plots.data import EquityPicture, Pictures, PricePicture
from reporting.plots.figures import Drawn

START_NS: Final = 1_700_000_000 * SECOND_NS
MARKET: Final = "BTCUSDT-usdm"
_AT: Final = START_NS + np.arange(5, dtype=np.int64) * SECOND_NS
_PRICE: Final = PricePicture(
    market=MARKET,
    at_ns=_AT,
    price=np.array([65_100.0, 65_150.0, 65_050.0, 65_080.0, 65_071.3]),
    columns=1_000,
    of_trades=True,
    currency="USDT",
)
_PICTURES: Final = Pictures(
    equity=EquityPicture(
        at_ns=_AT,
        equity=np.array([10_000.0, 10_020.0, 9_958.5, 9_980.0, 9_972.0379]),
        peak=np.array([10_000.0, 10_020.0, 10_020.0, 10_020.0, 10_020.0]),
        every=7,
    ),
    prices=(_PRICE,),
    excursions=(
        Excursions(Money(Decimal("-40.125")), Money(Decimal("3.5"))),
        Excursions(Money(Decimal(-2)), Money(Decimal(31))),
    ),
    ends_ns=(int(_AT[0]), int(_AT[-1])),
)
_WON: Final = replace(MONEY, net=Decimal("12.5"))


def pictures(**changes: object) -> Pictures:
    """Of the replay that traded, apart from `changes`."""
    return replace(_PICTURES, **changes)


def traded(**changes: object) -> Drawn:
    """A LONG that lost and a SHORT that won; `changes` are the summary's."""
    trades = [trade(), trade(side="short", money=_WON)]
    found = summary(start_equity=Decimal(10_000), **changes)
    return Drawn(summary=found, trades=trades, pictures=_PICTURES)


def still() -> Drawn:
    """A replay without any trade."""
    flat = np.full(2, 10_000.0)
    equity = EquityPicture(at_ns=_AT[:2], equity=flat, peak=flat, every=7)
    found = untraded(start_equity=Decimal(10_000))
    return Drawn(summary=found, trades=[], pictures=pictures(equity=equity, excursions=()))
