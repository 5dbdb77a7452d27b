"""Warnings about a file: what in it should be looked at before its replay is believed."""

from decimal import Decimal
from typing import Final

import numpy as np

from domain.enums import BadTick
from market.history.parquet import SourceTicks

_TOLERATED: Final = 0.01  # share of a file's ticks that may be dropped without a word
_OFF_GRID: Final = 0.25  # share of prices between two ticks that some venues' prints do have
_NEAR: Final = 1e-3  # of a tick
_LOOK_AT: Final = {
    BadTick.LATE: "stamps",
    BadTick.ABSURD: "prices",
    BadTick.DUPLICATE: "trade ids",
}


def doubts(source: SourceTicks, tick: Decimal) -> list[str]:
    """A sentence for each doubt. A crossed quote is none: it says that the book was invalid.

    tick  of the instrument that is taken to describe the file.
    """
    return [*_dropped(source), *_stood_still(source), *_off_grid(source, tick)]


def _dropped(source: SourceTicks) -> list[str]:
    bad = {kind: count for kind, count in source.bad.items() if kind is not BadTick.CROSSED}
    share = sum(bad.values()) / (source.rows - source.ignored)
    if share <= _TOLERATED:
        return []
    kinds = sorted(bad, key=lambda kind: -bad[kind])
    words = ", ".join(kind.word for kind in kinds)
    where = f"{_LOOK_AT.get(kinds[0], 'numbers')} near row {source.first_bad[kinds[0]]}"
    lost = f"{100 * share:.3g} % of its ticks were dropped as {words}"
    return [f"WARNING {source.path}: {lost}: look at the {where}"]


def _stood_still(source: SourceTicks) -> list[str]:
    if not source.behind:
        return []
    found = f"{source.behind} ticks, whose {source.clock.word}_ns lies more than 1 s behind"
    where = f"look at the stamps near row {source.first_behind}"
    return [f"WARNING {source.path}: time stands still for {found} an earlier one: {where}"]


def _off_grid(source: SourceTicks, tick: Decimal) -> list[str]:
    prices = np.concatenate([source.ticks[name] for name in ("price", "bid", "ask")])
    in_ticks = prices[np.isfinite(prices)] / float(tick)
    share = float(np.mean(np.abs(in_ticks - np.rint(in_ticks)) > _NEAR)) if len(in_ticks) else 0.0
    if share <= _OFF_GRID:
        return []
    found = f"{100 * share:.3g} % of its prices lie between ticks of {tick:f}"
    return [f"WARNING {source.path}: {found}: is this the instrument of that file?"]
