"""What must be assumed where no instrument describes a file, and where one does but data lacks.

Everything assumed is said in a sentence, so that no result rests on a silent guess.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.account import AccountSettings, settlement_rate
from domain.enums import Contract, TickKind
from domain.instruments import Fees, Instrument
from domain.units import Lots, Ticks
from market.history.bad_ticks import Floats
from market.history.parquet import SourceTicks

MOST_DECIMALS: Final = 10
STANDARD_NOTIONAL: Final = 1200  # account currency: what a size of 1 is worth
_BP: Final = Decimal("0.0001")
_FEES: Final = Fees(maker=5 * _BP, taker=10 * _BP)
_HALF_SPREAD_BPS: Final = 1.0
_LATENCY_MS: Final = 50
_ROUNDING: Final = 8 * np.finfo(np.float64).eps
# Longest first: USDT is no USD.
_CURRENCIES: Final = (
    *("FDUSD", "USDT", "USDC", "BUSD", "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD"),
    *("INR", "BTC", "ETH", "BNB"),
)
_SHORTEST_BASE: Final = 2


class Inferred(msgspec.Struct, frozen=True):
    """An instrument made from its data, and what was assumed to make it."""

    instrument: Instrument
    assumed: list[str]


def infer_instrument(source: SourceTicks, account: AccountSettings) -> Inferred:
    """An instrument named after the file: grids from its numbers, costs assumed.

    BadConfig where the account knows no rate of the currency it seems to be quoted in.
    """
    name = source.path.stem
    prices, sizes = _prices(source), _sizes(source)
    tick, lot = grid(prices), grid(sizes) if len(sizes) else Decimal(1)
    price = float(np.median(prices))
    quote = _quote_currency(name)
    size = Decimal(repr(float(np.median(sizes)))) if len(sizes) else lot
    lot_notional = price * float(lot) * float(settlement_rate(account, quote).value)
    standard_lots = max(1, round(STANDARD_NOTIONAL / lot_notional))
    half_spread = _half_spread(source, price, tick)
    instrument = Instrument(
        name=name,
        venue="unknown",
        symbol=name,
        quote=quote,
        settle=quote,
        contract=Contract.SPOT,
        multiplier=Decimal(1),
        tick=tick,
        lot=lot,
        min_notional=Decimal(0),
        standard_lots=standard_lots,
        shortable=False,
        latency_ms=_LATENCY_MS,
        assumed_half_spread=half_spread,
        assumed_size=size if len(sizes) else standard_lots * lot,
        fees=_FEES,
    )
    return Inferred(instrument, _inferred(instrument, source, known_sizes=len(sizes) > 0))


def _inferred(instrument: Instrument, source: SourceTicks, *, known_sizes: bool) -> list[str]:
    name, grids = instrument.name, "the coarsest decimal grid that holds all"
    maker, taker = instrument.fees.maker / _BP, instrument.fees.taker / _BP
    standard = instrument.qty(Lots(instrument.standard_lots))
    return [
        f"{name}: made from {source.path.name}, which no instrument describes",
        f"{name}: the whole file was looked at: early decisions know later rows' grid and size",
        f"{name}: prices move by {instrument.tick:f}, {grids}",
        f"{name}: sizes move by {instrument.lot:f}, {grids if known_sizes else 'none are known'}",
        f"{name}: quoted and settled in {instrument.quote}, without a contract multiplier",
        f"{name}: traded at any time, never sold short, with no minimum beyond one lot",
        f"{name}: fees of {maker:f} bp for makers and {taker:f} bp for takers",
        f"{name}: a standard size is {standard:f}, {STANDARD_NOTIONAL} in the account's currency",
    ]


def assumptions(instrument: Instrument, source: SourceTicks, account: AccountSettings) -> list[str]:
    """What a replay of `source` assumes about `instrument`, one sentence each.

    BadConfig where the account knows no rate of the currency it settles in.
    """
    return list(_assumptions(instrument, source, account))


def _assumptions(
    instrument: Instrument, source: SourceTicks, account: AccountSettings
) -> Iterator[str]:
    name = instrument.name
    if instrument.simulated:
        yield f"{name}: SIMULATED: no such market exists"
    if not source.has_quotes:
        spread = instrument.price(Ticks(2 * instrument.half_spread_ticks))
        yield f"{name}: no quotes in the data: a spread of {spread:f} around the last trade"
    if not source.has_trades:
        yield f"{name}: no trades in the data: momentum and candles follow the mid"
    if _has_unknown_sizes(source):
        size = instrument.assumed_size
        yield f"{name}: displayed sizes are unknown: {size:f} stand at each quote"
    if settlement_rate(account, instrument.settle).assumed:
        yield f"{name}: one {instrument.settle} is worth one {account.currency}"
    for cost in instrument.left_out:
        yield f"{name}: not counted: {cost}"
    yield f"{name}: an order arrives {instrument.latency_ms} ms after the decision"


def infer_reference(sources: Sequence[SourceTicks]) -> Inferred:
    """A reference named after its files, on a grid that holds the prices of all of them.

    It is never traded: nothing but its name and its tick is ever asked, and no currency's rate.
    """
    name, tick = sources[0].path.stem, min(grid(_prices(source)) for source in sources)
    quote = _quote_currency(name)
    instrument = Instrument(
        name=name,
        venue="unknown",
        symbol=name,
        quote=quote,
        settle=quote,
        contract=Contract.SPOT,
        multiplier=Decimal(1),
        tick=tick,
        lot=Decimal(1),
        min_notional=Decimal(0),
        standard_lots=1,
        shortable=False,
        latency_ms=_LATENCY_MS,
        assumed_half_spread=tick,
        assumed_size=Decimal(1),
        fees=_FEES,
    )
    files = ", ".join(source.path.name for source in sources)
    grids = "the coarsest decimal grid that holds all, later ones included"
    return Inferred(
        instrument,
        [
            f"reference {name}: made from {files}, which no instrument describes",
            f"reference {name}: prices move by {tick:f}, {grids}",
        ],
    )


def reference_assumptions(instrument: Instrument, sources: Sequence[SourceTicks]) -> list[str]:
    """What a replay assumes about the prices of its reference, one sentence each."""
    name, said = instrument.name, []
    if any(source.is_index for source in sources):
        said.append(f"reference {name}: an index: its rows are read as quotes without a spread")
    if not any(source.has_trades or source.is_index for source in sources):
        said.append(f"reference {name}: no trades in the data: its moves are those of the mid")
    return said


def grid(numbers: Floats) -> Decimal:
    """The coarsest of 1, 0.1, 0.01 ... that holds all numbers; ten decimals at most."""
    distinct = np.unique(numbers)
    for decimals in range(MOST_DECIMALS):
        scaled = distinct * 10.0**decimals
        if np.all(np.abs(scaled - np.rint(scaled)) <= _ROUNDING * np.abs(scaled)):
            return Decimal(1).scaleb(-decimals)
    return Decimal(1).scaleb(-MOST_DECIMALS)


def _of(source: SourceTicks, kind: TickKind, *names: str) -> Floats:
    rows = source.ticks["kind"] == kind
    found: Floats = np.concatenate([source.ticks[name][rows] for name in names])
    return found


def _prices(source: SourceTicks) -> Floats:
    trades = _of(source, TickKind.TRADE, "price")
    return np.concatenate([trades, _of(source, TickKind.QUOTE, "bid", "ask")])


def _sizes(source: SourceTicks) -> Floats:
    """Known sizes: of trades where there are any, else displayed."""
    sizes = _of(source, TickKind.TRADE, "size")
    if not len(sizes):
        sizes = _of(source, TickKind.QUOTE, "bid_size", "ask_size")
    known: Floats = sizes[np.isfinite(sizes)]
    return known


def _half_spread(source: SourceTicks, price: float, tick: Decimal) -> Decimal:
    """Half the median spread, else one bp; at least a tick, in whole ticks."""
    half = price * _HALF_SPREAD_BPS / 10_000
    if source.has_quotes:
        spreads = _of(source, TickKind.QUOTE, "ask") - _of(source, TickKind.QUOTE, "bid")
        half = float(np.median(spreads)) / 2
    return max(1, round(half / float(tick))) * tick


def _has_unknown_sizes(source: SourceTicks) -> bool:
    sizes = _of(source, TickKind.QUOTE, "bid_size", "ask_size")
    return not source.has_quotes or bool(np.isnan(sizes).any())


def _quote_currency(name: str) -> str:
    """The currency that the symbol in a file's name ends with, else USD."""
    symbol = name.upper().replace("_", "-").split("-", maxsplit=1)[0]
    for currency in _CURRENCIES:
        if symbol.endswith(currency) and len(symbol) >= len(currency) + _SHORTEST_BASE:
            return currency
    return "USD"
