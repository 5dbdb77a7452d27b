"""The regime of a market, by range and direction of its last minute (docs/rules.md, F22)."""

from domain.arrays import Record
from domain.enums import Regime
from domain.jit import kernel
from domain.rows.features import KEPT

WINDOW_S = 60


@kernel
def fold_regime(features: Record, candles: Record, parameters: Record) -> None:
    """A 1 s candle has closed: look at the minute that it ends."""
    frame = candles["frames"][0]
    if frame["ring"][(frame["closed"] - 1) % KEPT]["close"] == 0.0:
        return
    candidate = _candidate(features, candles, parameters)
    if candidate == features["candidate"]:
        features["candidate_count"] += 1
    else:
        features["candidate"] = candidate
        features["candidate_count"] = 1
    known = features["regime"] != Regime.UNKNOWN
    if not known or features["candidate_count"] >= parameters["regime_confirm"]:
        features["regime"] = candidate


@kernel
def _candidate(features: Record, candles: Record, parameters: Record) -> int:
    frame = candles["frames"][0]
    newest = frame["ring"][(frame["closed"] - 1) % KEPT]
    first = newest["bucket"] - WINDOW_S
    if features["first_bucket"] > first:
        return Regime.UNKNOWN
    high, low, ups, downs = newest["high"], newest["low"], 0, 0
    later = newest["close"]
    for back in range(2, min(frame["closed"], KEPT) + 1):
        candle = frame["ring"][(frame["closed"] - back) % KEPT]
        if candle["bucket"] < first:
            break
        high, low = max(high, candle["high"]), min(low, candle["low"])
        if later > candle["close"]:
            ups += 1
        elif later < candle["close"]:
            downs += 1
        later = candle["close"]
    close = newest["close"]
    range_bps = 1e4 * (high - low) / close
    moves = ups + downs
    directionality = abs(ups - downs) / moves if moves > 0 else 0.0
    if range_bps < parameters["regime_quiet_bps"]:
        return Regime.QUIET
    if directionality >= parameters["regime_trend_directionality"]:
        return Regime.TRENDING
    return Regime.VOLATILE if range_bps >= parameters["regime_volatile_bps"] else Regime.RANGING
