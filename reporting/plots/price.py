"""A market's price, and where it was entered and left."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from domain.arrays import Floats
from domain.units import SECOND_NS
from reporting.plots.data import NARROW_COLUMNS, Ints, PricePicture, apart, thinned
from reporting.plots.style import Style, days, legend, plain_axes, time_axis
from reporting.replay_summary import TradeLine

_SILENT_NS: Final = 60 * SECOND_NS
_OF_TRADES: Final = (
    " Entries and exits are at their average fill prices; a position that was open at the end of "
    "the data was closed there. Marks that would cover each other are drawn once."
)
_MOST_LINES: Final = 400  # trades: from then on no line leads from entry to exit
_MANY: Final = 150  # trades: from then on marks are smaller


def draw_price(
    axes: Axes,
    picture: PricePicture,
    trades: Sequence[TradeLine],
    ends_ns: tuple[int, int],
    style: Style,
) -> None:
    """One market. Lines are broken where it was silent."""
    palette = style.palette
    plain_axes(axes, style)
    at_ns, price = picture.at_ns, picture.price
    if style.narrow and len(at_ns):
        kept = thinned(at_ns, price, NARROW_COLUMNS)
        at_ns, price = at_ns[kept], price[kept]
    broken = _breaks(at_ns, picture.columns)
    axes.plot(
        np.insert(days(at_ns), broken, np.nan), np.insert(price, broken, np.nan),
        color=palette.line, linewidth=0.9, zorder=2,
    )  # fmt: skip
    own = [trade for trade in trades if trade.market == picture.market]
    _draw_trades(axes, own, style)
    axes.set_ylabel(f"price, {picture.currency}", color=palette.ink, size=style.size)
    axes.margins(y=0.08)
    time_axis(axes, style, ends_ns)
    if own:
        legend(axes, style, 2 if style.narrow else 4)


def _breaks(at_ns: Ints, columns: int) -> Ints:
    """Positions before which nothing was heard for a minute and for three columns of time."""
    if len(at_ns) < 2:
        return np.zeros(0, np.int64)
    least = max(_SILENT_NS, 3 * (int(at_ns[-1]) - int(at_ns[0])) // columns)
    return np.flatnonzero(np.diff(at_ns) > least) + 1


def _draw_trades(axes: Axes, trades: Sequence[TradeLine], style: Style) -> None:
    palette, size = style.palette, 26 if len(trades) > _MANY else 46
    for won, colour in ((True, palette.gain), (False, palette.loss)):
        found = [trade for trade in trades if (trade.money.net > 0) == won]
        if len(trades) > _MOST_LINES:
            break
        at = np.full((len(found), 3), np.nan)
        level = np.full((len(found), 3), np.nan)
        for row, trade in enumerate(found):  # the third place stays empty: one line for all
            at[row, :2] = days(np.array([trade.entry_ns, trade.exit_ns], np.int64))
            level[row, :2] = float(trade.entry_price), float(trade.exit_price)
        axes.plot(at.ravel(), level.ravel(), color=colour, linewidth=1.0, alpha=0.7, zorder=3)
    entries = (("long", "^", "entry, long"), ("short", "v", "entry, short"))
    for side, marker, label in entries:
        found = [trade for trade in trades if trade.side == side]
        if found:
            axes.scatter(
                *_marks([(trade.entry_ns, trade.entry_price) for trade in found], style),
                s=size, marker=marker, color=palette.ink, edgecolors=palette.paper,
                linewidths=0.6, label=label, zorder=4,
            )  # fmt: skip
    exits = ((True, "+", palette.gain, "exit, won"), (False, "x", palette.loss, "exit, not won"))
    for won, marker, colour, label in exits:
        found = [trade for trade in trades if (trade.money.net > 0) == won]
        if found:
            axes.scatter(
                *_marks([(trade.exit_ns, trade.exit_price) for trade in found], style),
                s=size * (1.3 if won else 1.0), marker=marker, color=colour, linewidths=1.6,
                label=label, zorder=5,
            )  # fmt: skip


def _marks(points: Sequence[tuple[int, Decimal]], style: Style) -> tuple[Floats, Floats]:
    """Times and prices of the marks that do not cover each other."""
    at = days(np.array([at_ns for at_ns, _ in points], np.int64))
    level = np.array([float(price) for _, price in points])
    kept = apart(at, level, style.cells)
    return at[kept], level[kept]


def price_heading(picture: PricePicture, trades: Sequence[TradeLine]) -> str:
    """What the figure shows."""
    traded = any(trade.market == picture.market for trade in trades)
    return f"Price of {picture.market}{', entries and exits' if traded else ''}"


def price_caption(picture: PricePicture, trades: Sequence[TradeLine]) -> str:
    """What the line is made of."""
    traded = any(trade.market == picture.market for trade in trades)
    what = "trade prices" if picture.of_trades else "mids between bid and ask"
    return (
        f"The line goes through the first, lowest, highest and last of the {what} in each of "
        f"{picture.columns:,} columns of time, so that no extreme is lost; it is broken where the "
        f"market was silent.{_OF_TRADES if traded else ''}"
    )
