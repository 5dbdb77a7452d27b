"""How far each trade went against its owner and for its owner: MAE against MFE."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from reporting.excursions import Excursions
from reporting.plots.data import apart
from reporting.plots.style import Plain, Style, legend, plain_axes
from reporting.replay_summary import TradeLine

_MANY: Final = 300
EXCURSION_CAPTION: Final = (
    "Each mark is a trade: to the left its worst moment (MAE), upwards its best (MFE), at the "
    "exit-side quote, from the fill price, costs apart. The spread is paid at once, so that most "
    "trades begin below zero. Losers that were far up gave it back: look at the exits. Winners "
    "that were far down needed luck: look at the stop. Marks that would cover each other are "
    "drawn once."
)


def draw_excursions(
    axes: Axes,
    trades: Sequence[TradeLine],
    excursions: Sequence[Excursions],
    currency: str,
    style: Style,
) -> None:
    """One mark for each trade."""
    palette = style.palette
    plain_axes(axes, style)
    axes.axhline(0, color=palette.muted, linewidth=1.0)
    axes.axvline(0, color=palette.muted, linewidth=1.0)
    kinds = ((True, "o", palette.gain, "won"), (False, "x", palette.loss, "not won"))
    size = 22 if len(trades) > _MANY else 36
    for won, marker, colour, label in kinds:
        found = [
            each
            for trade, each in zip(trades, excursions, strict=True)
            if (trade.money.net > 0) == won
        ]
        if found:
            worst = np.array([float(each.worst) for each in found])
            best = np.array([float(each.best) for each in found])
            kept = apart(worst, best, style.cells)
            axes.scatter(
                worst[kept], best[kept],
                s=size, marker=marker, color=colour, linewidths=1.4, label=label, zorder=3,
            )  # fmt: skip
    axes.xaxis.set_major_formatter(Plain())
    axes.locator_params(axis="x", nbins=4 if style.narrow else 6)
    axes.set_xlabel(f"worst on the way (MAE), {currency}", color=palette.ink, size=style.size)
    axes.set_ylabel(f"best on the way (MFE), {currency}", color=palette.ink, size=style.size)
    axes.margins(0.08)
    legend(axes, style, 2)
