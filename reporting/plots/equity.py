"""The account's equity, and below it how far it was under its peak."""

import numpy as np
from matplotlib.axes import Axes

from reporting.amounts import amount
from reporting.plots.data import (
    COLUMNS,
    NARROW_COLUMNS,
    EquityPicture,
    Ints,
    Pictures,
    thinned,
)
from reporting.plots.style import Style, days, plain_axes, time_axis
from reporting.replay_summary import ReplaySummary


def draw_equity(
    axes: tuple[Axes, Axes], pictures: Pictures, summary: ReplaySummary, style: Style
) -> None:
    """Equity into the first axes, drawdown into the second, which shares its time."""
    (upper, lower), picture = axes, pictures.equity
    palette, kept = style.palette, _kept(picture, style)
    at, equity = days(picture.at_ns[kept]), picture.equity[kept]
    start = float(summary.start_equity)
    plain_axes(upper, style)
    upper.axhline(start, color=palette.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    upper.plot(at, equity, color=palette.gain, linewidth=1.4, drawstyle="steps-post")
    upper.set_ylabel(f"equity, {summary.currency}", color=palette.ink, size=style.size)
    upper.tick_params(labelbottom=False)
    plain_axes(lower, style)
    below = equity - picture.peak[kept]
    lower.fill_between(at, below, 0, step="post", color=palette.loss, alpha=0.28, linewidth=0)
    lower.plot(at, below, color=palette.loss, linewidth=1.2, drawstyle="steps-post")
    lower.set_ylabel("drawdown", color=palette.ink, size=style.size)
    lower.locator_params(axis="y", nbins=3)
    lowest = min(float(below.min()), -float(summary.max_drawdown))
    lower.set_ylim(lowest * 1.15 if lowest < 0 else -1.0, 0)
    time_axis(lower, style, pictures.ends_ns)


def _kept(picture: EquityPicture, style: Style) -> Ints:
    """Positions that are drawn: no extreme of equity or of drawdown is lost."""
    columns = NARROW_COLUMNS if style.narrow else COLUMNS
    of_equity = thinned(picture.at_ns, picture.equity, columns)
    of_fall = thinned(picture.at_ns, picture.equity - picture.peak, columns)
    return np.union1d(of_equity, of_fall)


def equity_caption(picture: EquityPicture, summary: ReplaySummary) -> str:
    """What is drawn, and what is not."""
    every = f"every {picture.every:,} ticks" if picture.every > 1 else "at every tick"
    return (
        "Open positions are marked at the exit-side quote, before the cost of leaving. The account "
        f"is drawn as the core had it {every} and at each close; in between it may have been lower "
        f"or higher. The largest drawdown, {amount(summary.max_drawdown)} {summary.currency}, and "
        "the peaks are of every tick. The dashed line is the equity at the start."
    )
