"""Warnings about a file: what in it should be looked at before its replay is believed."""

from typing import Final

from domain.enums import BadTick
from market.history.parquet import SourceTicks

_TOLERATED: Final = 0.01  # share of a file's ticks that may be dropped without a word
_LOOK_AT: Final = {
    BadTick.LATE: "stamps",
    BadTick.ABSURD: "prices",
    BadTick.DUPLICATE: "trade ids",
}


def doubts(source: SourceTicks) -> list[str]:
    """A sentence for each doubt. A crossed quote is none: it says that the book was invalid."""
    return [*_dropped(source), *_stood_still(source)]


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
