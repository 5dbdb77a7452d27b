"""The votes of the index-bias gate: G29."""

import math

from oracle.features import Features
from oracle.numbers import NAN, Settings


def score(features: Features, settings: Settings) -> float:
    """The sum of the votes of what is ready; NaN if nothing is."""
    frame = features.candles.frames[settings.whole("gates.index_bias.frame")]
    adx = frame.adx
    votes = (
        _sign(frame.ema9.value - frame.ema21.value),
        _vwap_vote(features, settings),
        _rsi_vote(frame.rsi.value, settings),
        _adx_vote(adx.value, _sign(adx.plus_di - adx.minus_di), settings),
        frame.supertrend.value,
    )
    ready = [vote for vote in votes if not math.isnan(vote)]
    return sum(ready) if ready else NAN


def _sign(x: float) -> float:
    return x if math.isnan(x) or x == 0 else math.copysign(1.0, x)


def _vwap_vote(features: Features, settings: Settings) -> float:
    price, vwap = features.known_price, features.vwap
    if math.isnan(price) or math.isnan(vwap):
        return NAN
    buffer = settings.number("gates.index_bias.vwap_buffer_bps")
    if price > vwap * (1 + buffer / 1e4):
        return 1.0
    return -1.0 if price < vwap * (1 - buffer / 1e4) else 0.0


def _rsi_vote(rsi: float, settings: Settings) -> float:
    if math.isnan(rsi):
        return NAN
    if rsi >= settings.number("gates.index_bias.rsi_bull"):
        return 1.0
    return -1.0 if rsi <= settings.number("gates.index_bias.rsi_bear") else 0.0


def _adx_vote(adx: float, leaning: float, settings: Settings) -> float:
    if math.isnan(adx):
        return NAN
    return leaning if adx >= settings.number("gates.index_bias.adx_min") else 0.0
