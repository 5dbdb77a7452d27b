"""The cost waterfall: how gross became net."""

from decimal import Decimal
from itertools import accumulate
from typing import Final

from matplotlib.axes import Axes

from reporting.amounts import amounts
from reporting.plots.style import Plain, Style, plain_axes
from reporting.replay_summary import Money

LABELS: Final = ("gross", "spread", "slippage", "fees", "funding", "net")
COST_CAPTION: Final = (
    "Gross is the result at the middle of the book at each decision. Each bar takes over where the "
    "one above it ended; net is what was left of closed trades. Hatched bars are costs (or what a "
    "cost gave back), full ones are results."
)


def steps(money: Money) -> list[Decimal]:
    """What each bar stands for: gross, what each cost took (below 0) or gave, net."""
    costs = (money.spread_cost, money.slippage, money.fees, money.funding)
    return [money.gross, *(-cost for cost in costs), money.net]


def draw_costs(axes: Axes, money: Money, currency: str, style: Style) -> None:
    """Six bars below each other, with their amounts."""
    palette, parts = style.palette, steps(money)
    plain_axes(axes, style)
    ends = list(accumulate(parts[:-1]))
    starts = [Decimal(0), *ends[:-1], Decimal(0)]
    shown = amounts(parts, signed=True)
    for place, (start, part, text) in enumerate(zip(starts, parts, shown, strict=True)):
        colour, result = palette.gain if part >= 0 else palette.loss, place in {0, len(parts) - 1}
        axes.barh(
            place, float(part), left=float(start), height=0.62, edgecolor=colour, linewidth=1.2,
            facecolor=colour if result else "none", hatch=None if result else "////", zorder=3,
        )  # fmt: skip
        right = max(start, start + part)
        axes.annotate(
            text.replace("-", "\N{MINUS SIGN}"), (float(right), place), (6, 0),
            textcoords="offset points", va="center", ha="left", color=palette.ink,
            size=style.size, zorder=4, fontweight="bold" if result else "normal",
        )  # fmt: skip
    axes.axvline(0, color=palette.muted, linewidth=1.0, zorder=4)
    axes.set_yticks(range(len(LABELS)), LABELS)
    axes.yaxis.tick_left()
    axes.tick_params(axis="y", colors=palette.ink)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.spines["right"].set_visible(False)
    _with_room(axes, [*starts, *ends, money.net], 0.34 if style.narrow else 0.18)
    axes.xaxis.set_major_formatter(Plain())
    axes.locator_params(axis="x", nbins=4 if style.narrow else 6)
    axes.set_xlabel(currency, color=palette.ink, size=style.size)


def _with_room(axes: Axes, ends: list[Decimal], share: float) -> None:
    """Room on the right for the amounts."""
    low, high = float(min(ends)), float(max(ends))
    width = (high - low) or 1.0
    axes.set_xlim(low - 0.03 * width, high + share * width)
