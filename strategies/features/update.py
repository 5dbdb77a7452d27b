"""What one tick changes in the features of its slot (docs/rules.md, section 2)."""

from domain.arrays import Record
from domain.enums import BookSource, PriceSource, TickKind
from domain.jit import kernel
from domain.rows.tick import REFERENCE_SLOT
from strategies.features.book import assume_quote, set_quote, set_trade
from strategies.features.candles import (
    add_price,
    bucket_of,
    close_due,
    newest_bucket,
    renew_window,
    start_candle,
)
from strategies.features.distances import resolve
from strategies.features.momentum import fold_price
from strategies.features.regime import fold_regime


@kernel
def update_features(row: Record, tick: Record) -> int:
    """Fold a TRADE, QUOTE or INVALID_BOOK; bit k of the answer: frame k closed a candle."""
    slot = tick["slot"]
    features = row["features"][slot]
    kind = tick["kind"]
    if kind == TickKind.QUOTE:
        set_quote(features, tick, row["slot_ticks_per_price"][slot])
        if row["slot_price_source"][slot] != PriceSource.MID:
            return 0
        price = float(features["bid_ticks"] + features["ask_ticks"])
        return _price_event(row, features, tick, price)
    if kind == TickKind.TRADE:
        set_trade(features, tick, row["slot_ticks_per_price"][slot])
        if row["slot_book_source"][slot] == BookSource.ASSUMED:
            assume_quote(features, row["slot_half_spread"][slot])
        if row["slot_price_source"][slot] != PriceSource.TRADES:
            return 0
        return _price_event(row, features, tick, features["last"])
    features["book_valid"] = 0
    return 0


@kernel
def _price_event(row: Record, features: Record, tick: Record, price: float) -> int:
    """F3, F4, F9, F13, F15."""
    candles = row["candles"][tick["slot"]]
    parameters = row["parameters"]
    event_ns = tick["event_ns"]
    size = tick["size"] if tick["kind"] == TickKind.TRADE else 0.0
    side = tick["side"] if tick["kind"] == TickKind.TRADE else 0

    if tick["slot"] == REFERENCE_SLOT:
        need = max(resolve(parameters["reference_min_move"], price, candles), 1.0)
    else:
        need = max(resolve(parameters["momentum_min_move"], price, candles), 1.0)
    fold_price(features, price, need, event_ns)

    closed = 0
    second = features["second"]
    bucket = bucket_of(tick["ts_ns"], event_ns)
    if features["price_set"] == 0:
        features["first_bucket"] = bucket
    if second["count"] == 0 or bucket > second["bucket"]:
        if second["count"] > 0:
            closed = close_due(features, candles, bucket)
            if tick["slot"] == 0:
                fold_regime(features, candles, parameters)
        else:
            bucket = max(bucket, newest_bucket(candles))
        start_candle(second, bucket, price)
        renew_window(features, candles, bucket, parameters["no_trade_zone_window_s"])
    add_price(second, price, size, side)

    weight = size if row["slot_price_source"][tick["slot"]] == PriceSource.TRADES else 1.0
    features["vwap_value"] += price * weight
    features["vwap_weight"] += weight
    features["price"] = price
    features["price_set"] = 1
    features["price_ns"] = event_ns
    return closed
