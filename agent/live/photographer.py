"""Takes pictures of a running engine: between two batches, from its records, in some ms."""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Final

from agent.live.ledger_tap import LedgerTap
from agent.live.price_history import PriceHistory
from agent.live.why_now import why_now
from agent.service.engine import Engine
from agent.service.served import Account
from domain.arrays import Record
from domain.enums import Gate, Origin, Side
from domain.events import market_name
from domain.ledger import TradeRow
from domain.units import EXACT, SECOND_NS, Ticks
from reporting.live.picture import FeatureShown, Mark, MarketPicture, Picture
from reporting.trade_measures import Group, group
from strategies.features.book import imbalance, spread_bps
from strategies.features.indicators import volatility_bps

KEPT: Final = 10_000  # trades
TRADES: Final = 50  # shown of those
REJECTIONS: Final = 4


class Photographer:
    """Of one run of an engine.

    taps        of the ledgers whose trades are shown.
    prices      sees the ticks that go into the engine's ring.
    count, net  of all trades; of the trades themselves the last 10,000 are kept, as a service runs
                for months.
    """

    def __init__(self, account: Account, taps: Sequence[LedgerTap], prices: PriceHistory) -> None:
        self._account = account
        self._taps = taps
        self._prices = prices
        self.trades: deque[TradeRow] = deque(maxlen=KEPT)
        self.count, self.net = 0, Decimal(0)
        self._total: Group | None = None

    def fetch(self) -> list[TradeRow]:
        """Trades closed since the last time; from here on pictures show them and sum them up."""
        fresh: list[TradeRow] = []
        for tap in self._taps:
            while tap.trades:
                fresh.append(tap.trades.popleft())
        for row in fresh:
            self.trades.append(row)
            self.count, self.net = self.count + 1, EXACT.add(self.net, row.net)
            self._total = None
        return fresh

    def take(self, engine: Engine, began_ns: int, speed: float, left_s: float | None) -> Picture:
        """As things stand now."""
        now_ns = max(int(engine.time.now_ns()), int(engine.book.stop["now_ns"]))
        settings = self._account.settings
        markets = tuple(
            self._market(engine, row, now_ns)
            for row, facts in sorted(engine.book.facts.items())
            if facts.origin is Origin.AUTO or engine.book.rows[row]["position_lots"] > 0
        )
        if self._total is None:
            self._total = group("all", tuple(self.trades))
        return Picture(
            mode=self._account.mode,
            now_ns=now_ns,
            began_ns=began_ns,
            speed=speed,
            left_s=left_s,
            account=why_now(engine, 0, settings, now_ns).account,
            markets=markets,
            trades=self._last(),
            total=self._total,
            positions_limit=_whole(settings.limits.max_open_positions),
        )

    def _last(self) -> tuple[TradeRow, ...]:
        """Those that are shown, oldest first."""
        return tuple(self.trades)[-TRADES:]

    def _market(self, engine: Engine, market: int, now_ns: int) -> MarketPicture:
        row, facts = engine.book.rows[market], engine.book.facts[market]
        place = engine.instruments.index(facts.instrument.name)
        features, instrument = row["features"][0], facts.instrument
        known = bool(features["book_valid"] == 1)
        age_ns = now_ns - int(features["book_ns"])
        return MarketPicture(
            name=market_name(instrument.name, facts.origin),
            bid=instrument.price(Ticks(int(features["bid_ticks"]))) if known else None,
            ask=instrument.price(Ticks(int(features["ask_ticks"]))) if known else None,
            prices=self._prices.of(place),
            bucket_s=self._prices.bucket_ns / SECOND_NS,
            marks=self._marks(facts.name, place, row),
            quote_age_s=max(0, age_ns) / SECOND_NS if features["book_set"] == 1 else None,
            ticks=int(row["tally"]["ticks"]),
            features=_features(row),
            rejections=_rejections(row),
            why=why_now(engine, market, self._account.settings, now_ns),
        )

    def _marks(self, name: str, place: int, row: Record) -> tuple[Mark, ...]:
        found: list[Mark] = []
        told = [each for each in self._last() if each.market == name]
        stamps = [
            stamp
            for each in told
            for stamp in (
                (int(each.entry_ns), True, each.side),
                (int(each.exit_ns), False, each.side),
            )
        ]
        if row["position_lots"] > 0:
            side = Side(int(row["position_side"]))
            stamps.append((int(row["position_entry_ns"]), True, side))
        for when_ns, entry, side in stamps:
            bucket = self._prices.bucket_of(place, when_ns)
            if bucket is not None:
                found.append(Mark(bucket=bucket, entry=entry, side=side))
        return tuple(found)


def _whole(limit: float | None) -> int | None:
    return int(limit) if limit is not None and isfinite(limit) else None


def _features(row: Record) -> tuple[FeatureShown, ...]:
    features = row["features"][0]
    minute = row["candles"][0]["frames"][3]
    half = float(features["price"])
    atr_bps = 1e4 * float(minute["atr"]) / half if half and minute["closed"] >= 14 else float("nan")
    return (
        FeatureShown(name="spread", value=float(spread_bps(features)), unit="bp"),
        FeatureShown(name="volatility", value=float(volatility_bps(features)), unit="bp in 1 s"),
        FeatureShown(name="ATR", value=atr_bps, unit="bp in 1 min"),
        FeatureShown(
            name="streak", value=float(features["streak"] * features["direction"]), unit="moves"
        ),
        FeatureShown(name="imbalance", value=float(imbalance(features)), unit=""),
    )


def _rejections(row: Record) -> tuple[tuple[str, int], ...]:
    counts = [(gate.word, int(row["tally"]["rejections"][gate])) for gate in Gate]
    found = sorted((each for each in counts if each[1]), key=lambda each: -each[1])
    return tuple(found[:REJECTIONS])
