"""What a well-known library would say of the same candles, for comparison only.

The `smartmoneyconcepts` library (0.0.27) labels with hindsight: a label stands on a candle long
before anybody could know it, and many are removed later. The functions here have its names,
arguments and columns. Swings and gaps are made from the rows of our detectors; structure and blocks
from given swings, with the patterns of our detectors, and then filtered as the library does. Where
a label is absent the value is null.
"""

from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.arrays import Record, Rows
from domain.rows.smc import BAR
from domain.smc import SmcEvent, SmcKind
from domain.smc_rules import default_preset, rules_of
from strategies.smc.detect import detect
from strategies.smc.structure import pattern_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Values = Floats | Ints | Singles

_DIGITS: Final = 12
_PRICES: Final = ("open", "high", "low", "close")


def swing_highs_lows(ohlc: pl.DataFrame, swing_length: int = 50) -> pl.DataFrame:
    """HighLow and Level: the extremes of legs, and an artificial swing on each end."""
    rows = _formed(_rows(ohlc, {"smc.swing.length": swing_length}), SmcKind.SWING)
    # The library has no swing before so many candles, though fewer are needed to know one.
    rows = rows[rows["formed_bar"] >= 2 * swing_length - 1]
    high_low = np.zeros(len(ohlc), np.int64)
    # A candle that is both counts as a high.
    for side in (-1, 1):
        high_low[rows["formed_bar"][rows["side"] == side]] = side
    high, low = _column(ohlc, "high"), _column(ohlc, "low")
    places = _leg_extremes(high_low, high, low)
    found = np.zeros(len(ohlc), np.int64)
    found[places] = high_low[places]
    if len(places):
        found[0], found[-1] = -high_low[places[0]], -high_low[places[-1]]
    level = np.where(found == 1, high, low)
    return _frame({"HighLow": (found, found != 0), "Level": (level, found != 0)})


def fvg(ohlc: pl.DataFrame, join_consecutive: bool = False) -> pl.DataFrame:
    """FVG, Top, Bottom and MitigatedIndex: the first candle that touches the gap, 0 for none."""
    rows = _rows(ohlc, {"smc.gap.min_atr": 0.0, "smc.gap.join": int(join_consecutive)})
    rows = rows[rows["kind"] == SmcKind.GAP]
    shapes = rows[np.isin(rows["event"], (SmcEvent.FORMED, SmcEvent.EXTENDED))]
    last_shape = {int(row["serial"]): row for row in shapes}  # a later row replaces an earlier one
    touches = rows[rows["event"] == SmcEvent.TOUCHED]
    touched = dict(zip(touches["serial"].tolist(), touches["known_bar"].tolist(), strict=True))
    side, low_bar, high_bar, index = (np.zeros(len(ohlc), np.int64) for _ in range(4))
    for serial, row in last_shape.items():
        place = int(row["known_bar"]) - 1
        side[place], index[place] = row["side"], touched.get(serial, 0)
        low_bar[place], high_bar[place] = row["low"], row["high"]
    half_tick = _tick(ohlc) / 2
    prices = {int(v): float(v * half_tick) for v in np.unique(np.concatenate([low_bar, high_bar]))}
    known = side != 0
    top = np.array([prices[v] for v in high_bar.tolist()])
    bottom = np.array([prices[v] for v in low_bar.tolist()])
    _touch_what_was_dropped(ohlc, rows, side, index, (top, bottom))
    return _frame(
        {
            "FVG": (side, known), "Top": (top, known), "Bottom": (bottom, known),
            "MitigatedIndex": (index, known),
        }
    )  # fmt: skip


def bos_choch(
    ohlc: pl.DataFrame, swing_highs_lows: pl.DataFrame, close_break: bool = True
) -> pl.DataFrame:
    """BOS, CHOCH, Level and BrokenIndex: patterns of four swings whose level is broken later."""
    places, sides, levels = _swings(swing_highs_lows)
    count = len(ohlc)
    pattern, direction = np.zeros(count, np.int64), np.zeros(count, np.int64)
    level = np.zeros(count, np.float32)  # compared as such, as the library does
    for k in range(3, len(places)):
        four = [int(side) for side in sides[k - 3 : k + 1]]
        side = four[-1]
        alternate = four == [-side, side, -side, side]
        found = pattern_of(*(side * levels[k - 3 : k + 1])) if alternate else 0
        at = places[k - 2]
        pattern[at], direction[at] = found, side if found else 0
        level[at] = levels[k - 2] if found else 0.0
    broken = _broken(ohlc, direction, level, close_break)
    kept = (direction != 0) & (broken != 0)
    return _frame(
        {
            "BOS": (direction, kept & (pattern == SmcKind.BOS)),
            "CHOCH": (direction, kept & (pattern == SmcKind.CHOCH)),
            "Level": (level, kept & (level != 0)),
            "BrokenIndex": (broken, broken != 0),  # it also stays of labels that are removed
        }
    )


def ob(
    ohlc: pl.DataFrame, swing_highs_lows: pl.DataFrame, close_mitigation: bool = False
) -> pl.DataFrame:
    """OB, Top, Bottom, OBVolume, MitigatedIndex and Percentage: the blocks that were never lost."""
    blocks = _Blocks(ohlc, close_mitigation)
    places, sides, _ = _swings(swing_highs_lows)
    for side in (1, -1):
        blocks.run(side, places[sides == side])
    known = blocks.side != 0
    columns: dict[str, Values] = {
        "OB": blocks.side, "Top": blocks.top, "Bottom": blocks.bottom,
        "OBVolume": blocks.volume, "MitigatedIndex": blocks.mitigated,
        "Percentage": blocks.percentage,
    }  # fmt: skip
    return _frame({name: (values, known) for name, values in columns.items()})


class _Blocks:
    """Order blocks by candle; one that price has left and regained again is forgotten."""

    def __init__(self, ohlc: pl.DataFrame, close_mitigation: bool) -> None:
        count = len(ohlc)
        self._high, self._low = _column(ohlc, "high"), _column(ohlc, "low")
        self._open, self._close = _column(ohlc, "open"), _column(ohlc, "close")
        self._volumes = _column(ohlc, "volume")
        self._by_close = close_mitigation
        self._lost = np.zeros(count, np.bool_)  # by candle, and never taken back
        self.side, self.mitigated = np.zeros(count, np.int64), np.zeros(count, np.int64)
        names = ("top", "bottom", "volume", "percentage")
        self.top, self.bottom, self.volume, self.percentage = (
            np.zeros(count, np.float32) for _ in names
        )

    def run(self, side: int, swings: Ints) -> None:
        """All candles, once for each side; `swings` are the places of its swings."""
        active: list[int] = []
        crossed: set[int] = set()
        before = np.searchsorted(swings, np.arange(len(self.side)))
        edge = self._high if side > 0 else self._low
        for i in range(len(self.side)):
            active = [k for k in active if self._survives(k, i, side)]
            if before[i] == 0:
                continue
            swing = int(swings[before[i] - 1])
            if side * self._close[i] > side * edge[swing] and swing not in crossed:
                crossed.add(swing)
                active.append(self._form(swing, i, side))

    def _survives(self, k: int, i: int, side: int) -> bool:
        far, near = (self.bottom, self.top) if side > 0 else (self.top, self.bottom)
        if self._lost[k]:
            beyond = self._high[i] if side > 0 else self._low[i]
            if side * beyond > side * near[k]:
                self._forget(k)
                return False
            return True
        into = self._low[i] if side > 0 else self._high[i]
        if self._by_close:
            both = (self._open[i], self._close[i])
            into = min(both) if side > 0 else max(both)
        if side * into < side * far[k]:
            self._lost[k] = True
            self.mitigated[k] = i - 1 if side > 0 else i
        return True

    def _form(self, swing: int, i: int, side: int) -> int:
        place = _origin(self._low if side > 0 else -self._high, swing, i)
        straight = place is not None
        place = i - 1 if place is None else place
        ends = (self._high[place], self._low[place])
        # Without a candle in between the library has the edges of a bullish block upside down.
        self.top[place], self.bottom[place] = ends if straight or side < 0 else ends[::-1]
        self.side[place] = side
        now = self._volumes[i] + self._volumes[i - 1]
        before = self._volumes[i - 2] if i > 1 else 0.0
        self.volume[place] = now + before
        now, before = np.float32(now), np.float32(before)
        most = max(now, before)
        self.percentage[place] = min(now, before) / most * 100.0 if most != 0 else 100.0
        return place

    def _forget(self, k: int) -> None:
        self.side[k] = self.mitigated[k] = 0
        self.top[k] = self.bottom[k] = self.volume[k] = self.percentage[k] = 0


def _origin(depths: Floats, swing: int, end: int) -> int | None:
    """The last of the lowest candles between a swing and `end`, both left out."""
    between = depths[swing + 1 : end]
    if not len(between):
        return None
    return end - 1 - int(np.argmin(between[::-1]))


def _broken(ohlc: pl.DataFrame, direction: Ints, level: Singles, close_break: bool) -> Ints:
    """Where each label's level is broken; labels that a later one's break overtakes are removed."""
    broken = np.zeros(len(ohlc), np.int64)
    labels = np.flatnonzero(direction)
    for i in labels.tolist():
        side = int(direction[i])
        prices = _column(ohlc, "close" if close_break else "high" if side > 0 else "low")
        beyond = side * prices[i + 2 :] > side * np.float64(level[i])
        if not beyond.any():
            continue
        broken[i] = i + 2 + int(np.argmax(beyond))
        earlier = labels[(labels < i) & (direction[labels] != 0)]
        direction[earlier[broken[earlier] >= broken[i]]] = 0
    return broken


def _leg_extremes(high_low: Ints, high: Floats, low: Floats) -> Ints:
    """Of each run of swings of one side the first that no other of the run goes beyond."""
    places = np.flatnonzero(high_low)
    kept: list[int] = []
    for place in places.tolist():
        side = high_low[place]
        if kept and high_low[kept[-1]] == side:
            edge = high if side > 0 else -low
            if edge[place] > edge[kept[-1]]:
                kept[-1] = place
        else:
            kept.append(place)
    return np.array(kept, np.int64)


def _touch_what_was_dropped(
    ohlc: pl.DataFrame, rows: Rows, side: Ints, index: Ints, edges: tuple[Floats, Floats]
) -> None:
    """Our lists have an end; the library looks at every candle that is left."""
    dropped = set(rows["serial"][rows["event"] == SmcEvent.DROPPED].tolist())
    high, low = _column(ohlc, "high"), _column(ohlc, "low")
    shapes = np.isin(rows["event"], (SmcEvent.FORMED, SmcEvent.EXTENDED))
    for row in rows[shapes & np.isin(rows["serial"], list(dropped))]:
        place = int(row["known_bar"]) - 1
        if side[place] == 0 or index[place] != 0:
            continue
        top, bottom = (edge[place] for edge in edges)
        rest = slice(place + 2, None)
        touches = low[rest] <= top if side[place] > 0 else high[rest] >= bottom
        index[place] = place + 2 + int(np.argmax(touches)) if touches.any() else 0


def _swings(frame: pl.DataFrame) -> tuple[Ints, Ints, Floats]:
    """Places, sides and levels of the swings in a frame of them."""
    sides = frame["HighLow"].fill_nan(None).fill_null(0).to_numpy().astype(np.int64)
    places = np.flatnonzero(sides)
    return places, sides[places], frame["Level"].to_numpy()[places].astype(np.float64)


def _rows(ohlc: pl.DataFrame, values: dict[str, float]) -> Rows:
    """What our detectors say of candles without stamps, as if they were of a quarter of an hour."""
    bars, half_ticks = np.zeros(len(ohlc), BAR), 2 / _tick(ohlc)
    for name in _PRICES:
        bars[name] = np.rint(_column(ohlc, name) * float(half_ticks))
    return detect(bars, _rules(values))


def _rules(values: dict[str, float]) -> Record:
    return rules_of({**default_preset().values, **values}, 900)


def _formed(rows: Rows, kind: SmcKind) -> Rows:
    found: Rows = rows[(rows["kind"] == kind) & (rows["event"] == SmcEvent.FORMED)]
    return found


def _tick(ohlc: pl.DataFrame) -> Decimal:
    """The largest power of ten that every price is a multiple of."""
    prices = np.unique(np.concatenate([_column(ohlc, name) for name in _PRICES]))
    for digits in range(_DIGITS):
        if (np.round(prices, digits) == prices).all():
            return Decimal(1).scaleb(-digits)
    return Decimal(1).scaleb(-_DIGITS)


def _column(ohlc: pl.DataFrame, name: str) -> Floats:
    return ohlc[name].to_numpy().astype(np.float64)


def _frame(columns: dict[str, tuple[Values, npt.NDArray[np.bool_]]]) -> pl.DataFrame:
    """Columns of floats that are null where they are not known."""
    return pl.DataFrame(
        {
            name: pl.Series(np.where(known, values.astype(np.float64), np.nan)).fill_nan(None)
            for name, (values, known) in columns.items()
        }
    )
