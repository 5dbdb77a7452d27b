"""All figures of a replay on one sheet, as a PNG."""

from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from domain.enums import Gate
from reporting.amounts import share
from reporting.plots.costs import draw_costs
from reporting.plots.equity import draw_equity
from reporting.plots.excursions import draw_excursions
from reporting.plots.figures import Drawn
from reporting.plots.page import simulated_words, title
from reporting.plots.price import draw_price, price_heading
from reporting.plots.style import ON_PAPER, Style, drawing, png_of
from reporting.replay_summary import ReplaySummary
from reporting.replay_text import in_order, key_numbers, verdict

DOTS_PER_INCH: Final = 120
_MOST_MARKETS: Final = 3  # prices on one sheet; the page has more
_MOST_GATES: Final = 9
_WIDTH: Final = 13.0


def replay_sheet(drawn: Drawn) -> bytes:
    """The bytes of the PNG."""
    prices = drawn.prices[:_MOST_MARKETS]
    moved = drawn.pictures.equity.moved
    heights = [2.0, *[4.0] * moved, *[3.4] * len(prices), 3.9]
    with drawing():
        figure = Figure(figsize=(_WIDTH, sum(heights)), layout=_margins())
        figure.patch.set_facecolor(ON_PAPER.palette.paper)
        parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)
        head, *middle, last = parts[:, 0]
        _head(head, drawn, ON_PAPER)
        if moved:
            upper, lower = middle.pop(0).subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
            draw_equity((upper, lower), drawn.pictures, drawn.summary, ON_PAPER)
            _title(upper, "Equity and drawdown, marked at the exit-side quote", ON_PAPER)
        for part, price in zip(middle, prices, strict=True):
            axes = part.subplots()
            draw_price(axes, price, drawn.trades, drawn.pictures.ends_ns, ON_PAPER)
            heading = price_heading(price, drawn.trades)
            _title(axes, heading, ON_PAPER, raised="," in heading)
        _last(last, drawn, ON_PAPER)
        return png_of(figure, DOTS_PER_INCH)


def _margins() -> ConstrainedLayoutEngine:
    return ConstrainedLayoutEngine(rect=(0.02, 0.015, 0.96, 0.97))


def _last(part: SubFigure, drawn: Drawn, style: Style) -> None:
    """Excursions and costs, or what kept the playbook from trading."""
    summary = drawn.summary
    if not drawn.trades:
        _rejections(part.subplots(), summary, style)
        return
    left, right = part.subplots(1, 2)
    draw_excursions(left, drawn.trades, drawn.pictures.excursions, summary.currency, style)
    _title(left, "Worst against best moment of each trade", style, raised=True)
    draw_costs(right, summary.money, summary.currency, style)
    _title(right, f"From gross to net, {summary.currency}", style, raised=True)


def _title(axes: Axes, words: str, style: Style, *, raised: bool = False) -> None:
    """On the left above the axes; `raised` leaves room for a legend."""
    axes.set_title(
        words, loc="left", color=style.palette.ink, size=12, fontweight="bold",
        pad=24 if raised else 8,
    )  # fmt: skip


def _head(part: SubFigure, drawn: Drawn, style: Style) -> None:
    palette, summary = style.palette, drawn.summary
    axes = part.subplots()
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.text(0, 1.0, title(summary), size=17, fontweight="bold", color=palette.ink, va="top")
    if drawn.pictures.simulated:
        axes.text(
            1, 1.0, simulated_words(drawn.pictures.simulated), size=11, fontweight="bold",
            color=palette.ink, va="top", ha="right",
            bbox={"facecolor": "#fff3c4", "edgecolor": "none", "boxstyle": "round,pad=0.4"},
        )  # fmt: skip
    tone = palette.loss if summary.money.net < 0 else palette.gain
    said = " ".join(verdict(summary))
    axes.text(0, 0.72, said, size=11.5, color=tone if summary.trades else palette.ink, va="top",
              wrap=True)  # fmt: skip
    numbers = "   ".join(f"{label}: {words}" for label, words in key_numbers(summary)[:1])
    fall = dict(key_numbers(summary))["max drawdown"]
    files = "; ".join(file.name for file in summary.files[:4])
    files += f" and {len(summary.files) - 4} more" if len(summary.files) > 4 else ""
    hashes = f"parameters {summary.parameters_hash[:12]}   decisions {summary.decision_hash[:12]}"
    lines = (
        f"{numbers}   max drawdown: {fall}   ticks: {summary.ticks:,}",
        f"files: {files}",
        f"times are UTC   {hashes}",
        f"ASSUMED: {len(summary.assumed)} sentences, which the text report lists",
    )
    axes.text(0, 0.46, "\n".join(lines), size=10, color=palette.muted, va="top", linespacing=1.6)


def _rejections(axes: Axes, summary: ReplaySummary, style: Style) -> None:
    """The gates that blocked most, as bars with their counts."""
    palette, counts = style.palette, in_order(summary.rejections, Gate)
    total = sum(count for _, count in counts)
    axes.set_axis_off()
    _title(axes, f"Why {total:,} flat ticks brought no entry, by first gate", style)
    most = sorted(counts, key=lambda each: -each[1])[:_MOST_GATES]
    shown = [each for each in counts if each in most]
    for place, (gate, count) in enumerate(shown):
        axes.barh(place, count, height=0.6, color=palette.line)
        axes.annotate(
            f"{gate}  ", (0, place), ha="right", va="center", color=palette.ink, size=style.size
        )
        axes.annotate(
            f"  {count:,} ({share(count, total)})", (count, place), ha="left", va="center",
            color=palette.ink, size=style.size,
        )  # fmt: skip
    if not shown:
        axes.annotate("no flat tick was looked at", (0.0, 0.5), color=palette.ink, size=style.size)
    axes.set_ylim(max(len(shown), 4) - 0.5, -0.5)
