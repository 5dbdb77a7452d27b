"""All figures of a replay, each for a wide and for a narrow screen."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec
from matplotlib.figure import Figure

from reporting.plots.costs import COST_CAPTION, draw_costs
from reporting.plots.data import Pictures, PricePicture
from reporting.plots.equity import draw_equity, equity_caption
from reporting.plots.excursions import EXCURSION_CAPTION, draw_excursions
from reporting.plots.price import draw_price, price_caption, price_heading
from reporting.plots.style import NARROW, WIDE, Style, drawing, new_figure, svg_of
from reporting.replay_summary import ReplaySummary, TradeLine

MOST_MARKETS: Final = 12  # price figures on one page
_Draw = Callable[[Style], Figure]


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found, and what its figures are made from."""

    summary: ReplaySummary
    trades: Sequence[TradeLine]
    pictures: Pictures

    @property
    def prices(self) -> tuple[PricePicture, ...]:
        """Markets that have a price figure."""
        return tuple(each for each in self.pictures.prices if len(each.at_ns))[:MOST_MARKETS]


class FigureText(msgspec.Struct, frozen=True, kw_only=True):
    """A figure as two SVG elements, its heading, and a caption that says what it shows.

    half  it stands beside the next or the one before.
    """

    heading: str
    caption: str
    wide: str
    narrow: str
    half: bool = False


def figures(drawn: Drawn) -> list[FigureText]:
    """Equity and prices; with trades excursions and costs as well."""
    summary, equity = drawn.summary, drawn.pictures.equity
    found: list[FigureText] = []

    def add(name: str, heading: str, caption: str, draw: _Draw) -> None:
        wide, narrow = (
            svg_of(draw(style), f"{name}-{size}", heading)
            for style, size in ((WIDE, "wide"), (NARROW, "narrow"))
        )
        half = name in {"excursions", "costs"}
        found.append(
            FigureText(heading=heading, caption=caption, wide=wide, narrow=narrow, half=half)
        )

    with drawing():
        draw: _Draw = partial(_equity, drawn)
        if equity.moved:
            add("equity", "Equity and drawdown", equity_caption(equity, summary), draw)
        for number, price in enumerate(drawn.prices):
            heading = price_heading(price, drawn.trades)
            draw = partial(_price, drawn, price)
            add(f"price-{number}", heading, price_caption(price, drawn.trades), draw)
        if drawn.trades:
            draw = partial(_excursions, drawn)
            add("excursions", "Worst against best moment of each trade", EXCURSION_CAPTION, draw)
            heading = f"From gross to net, {summary.currency}"
            add("costs", heading, COST_CAPTION, partial(_costs, drawn))
    return found


def _equity(drawn: Drawn, style: Style) -> Figure:
    figure = new_figure(style, 4.0 if style.narrow else 4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
    draw_equity((upper, lower), drawn.pictures, drawn.summary, style)
    return figure


def _price(drawn: Drawn, price: PricePicture, style: Style) -> Figure:
    figure = new_figure(style, 3.6 if style.narrow else 4.6)
    draw_price(figure.subplots(), price, drawn.trades, drawn.pictures.ends_ns, style)
    return figure


def _excursions(drawn: Drawn, style: Style) -> Figure:
    figure = new_figure(style, 3.8 if style.narrow else 4.4, half=True)
    currency, found = drawn.summary.currency, drawn.pictures.excursions
    draw_excursions(figure.subplots(), drawn.trades, found, currency, style)
    return figure


def _costs(drawn: Drawn, style: Style) -> Figure:
    figure = new_figure(style, 3.4 if style.narrow else 4.4, half=True)
    draw_costs(figure.subplots(), drawn.summary.money, drawn.summary.currency, style)
    return figure
