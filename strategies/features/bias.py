"""Votes of five indicators on the direction of an index or a market (docs/rules.md, G29)."""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel
from strategies.features.indicators import ema9_of, ema21_of
from strategies.features.oscillators import adx_of, di_difference_of, rsi_of, supertrend_of
from strategies.features.vwap import vwap


@kernel
def score_of_votes(features: Record, candles: Record, parameters: Record) -> float:
    """G10: sum of the votes of ready inputs, NaN if none is ready."""
    frame = candles["frames"][parameters["index_bias_frame"]]
    votes = (
        _sign(ema9_of(frame) - ema21_of(frame)),
        _vwap_vote(features, parameters["index_bias_vwap_buffer_bps"]),
        _rsi_vote(rsi_of(frame), parameters),
        _adx_vote(frame, parameters["index_bias_adx_min"]),
        supertrend_of(frame),
    )
    score, ready = 0.0, 0
    for vote in votes:
        if not np.isnan(vote):
            score += vote
            ready += 1
    return score if ready > 0 else np.nan


@kernel
def _sign(value: float) -> float:
    if np.isnan(value):
        return np.nan
    return 1.0 if value > 0.0 else -1.0 if value < 0.0 else 0.0


@kernel
def _vwap_vote(features: Record, buffer_bps: float) -> float:
    average = vwap(features)
    if np.isnan(average):
        return np.nan
    if features["price"] > average * (1.0 + buffer_bps / 1e4):
        return 1.0
    return -1.0 if features["price"] < average * (1.0 - buffer_bps / 1e4) else 0.0


@kernel
def _rsi_vote(rsi: float, parameters: Record) -> float:
    if np.isnan(rsi):
        return np.nan
    if rsi >= parameters["index_bias_rsi_bull"]:
        return 1.0
    return -1.0 if rsi <= parameters["index_bias_rsi_bear"] else 0.0


@kernel
def _adx_vote(frame: Record, adx_min: float) -> float:
    adx = adx_of(frame)
    if np.isnan(adx):
        return np.nan
    return _sign(di_difference_of(frame)) if adx >= adx_min else 0.0
