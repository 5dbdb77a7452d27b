"""How figures look: colours, sizes, axes; and figures as SVG or PNG whose bytes never differ.

Colours are told apart by people who see few of them (after Okabe and Ito), and nothing is said by
colour alone: shapes, hatches and labels say it too. In an SVG colours are CSS variables, which the
page sets for light and for dark.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Final

import matplotlib as mpl
import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator
from numpy.typing import NDArray

from reporting.plots.data import Ints
from reporting.plots.times import time_marks

_MOST_DECIMALS: Final = 12
_EPOCH_DAY_NS: Final = 86_400 * 10**9
_FONT: Final = "DejaVu Sans"  # comes with matplotlib, so that layouts are the same everywhere


class Palette(msgspec.Struct, frozen=True, kw_only=True):
    """Colours by what they are for."""

    ink: str
    muted: str
    grid: str
    paper: str
    line: str
    gain: str
    loss: str


PRINTED: Final = Palette(
    ink="#1b1f24", muted="#57606a", grid="#dde2e8", paper="#ffffff", line="#6e7985",
    gain="#0868ac", loss="#c2480a",
)  # fmt: skip
# Each stands for one CSS variable until the SVG is done; no figure uses them otherwise.
_NAMED: Final = Palette(
    ink="#010203", muted="#010204", grid="#010205", paper="#010206", line="#010207",
    gain="#010208", loss="#010209",
)  # fmt: skip


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """For a wide or a narrow screen, or for print."""

    palette: Palette
    narrow: bool = False

    @property
    def size(self) -> float:
        """Of text, in points."""
        return 9.5 if self.narrow else 10.0

    @property
    def cells(self) -> tuple[int, int]:
        """Of a grid over the axes in which marks of one cell cover each other."""
        return (75, 60) if self.narrow else (250, 90)

    @property
    def width(self) -> float:
        """Of a figure, in inches: 72 points each are 72 pixels of a narrow screen."""
        return 4.1 if self.narrow else 12.0


WIDE: Final = Style(palette=_NAMED)
NARROW: Final = Style(palette=_NAMED, narrow=True)
ON_PAPER: Final = Style(palette=PRINTED)


@contextmanager
def drawing() -> Iterator[None]:
    """Settings that hold while figures are made and written: no file of the user's changes them."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": [_FONT],
                "svg.fonttype": "none",
                "svg.hashsalt": "autoscalper",
                "path.simplify": False,
                "axes.unicode_minus": True,
                "hatch.linewidth": 0.8,
                "timezone": "UTC",
            }
        )
        yield


def new_figure(style: Style, height: float, *, half: bool = False) -> Figure:
    """An empty figure, `height` in inches, that lays itself out; `half` stands beside another."""
    width = style.width / 2 if half and not style.narrow else style.width
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0.0)
    return figure


def plain_axes(axes: Axes, style: Style) -> None:
    """Axes with a quiet frame and whole numbers on the right, where the newest values are."""
    palette = style.palette
    axes.set_facecolor("none")
    for side in ("top", "left"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "right"):
        axes.spines[side].set_color(palette.grid)
    axes.yaxis.tick_right()
    axes.yaxis.set_label_position("right")
    axes.grid(visible=True, color=palette.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=palette.muted, labelsize=style.size, length=0, pad=5)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(Plain())


def time_axis(axes: Axes, style: Style, ends_ns: tuple[int, int]) -> None:
    """Times in UTC along the bottom, the same for all figures of a replay."""
    first, last = (each / _EPOCH_DAY_NS for each in ends_ns)
    room = (last - first) * 0.01 or 1e-5
    marks = time_marks(*ends_ns, 3 if style.narrow else 8)
    axes.set_xticks([at_ns / _EPOCH_DAY_NS for at_ns, _ in marks], [text for _, text in marks])
    axes.set_xlim(first - room, last + room)


def legend(axes: Axes, style: Style, columns: int) -> None:
    """Above the axes, from the left."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, frameon=False,
        fontsize=style.size, labelcolor=style.palette.ink, borderaxespad=0.2,
        handletextpad=0.4, columnspacing=1.4, borderpad=0.2,
    )  # fmt: skip


def days(at_ns: Ints) -> NDArray[np.float64]:
    """Times as matplotlib counts them: days since 1970, UTC."""
    days_of: NDArray[np.float64] = at_ns / _EPOCH_DAY_NS
    return days_of


class Plain(Formatter):
    """Numbers with thousands separators, and with as many decimals as tell the ticks apart."""

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002  matplotlib's shape
        """One number alone."""
        return f"{x:,g}"

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All numbers of an axis."""
        distinct = np.unique(np.asarray(values, np.float64))
        step = float(np.diff(distinct).min()) if len(distinct) > 1 else 1.0
        for decimals in range(_MOST_DECIMALS):
            if np.all(np.abs(np.round(distinct, decimals) - distinct) < step * 1e-3):
                break
        return [_signed(f"{value:,.{decimals}f}") for value in values]


def _signed(text: str) -> str:
    """With the minus of typography, and none before a zero."""
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def svg_of(figure: Figure, name: str, label: str) -> str:
    """One `<svg>` element for a page: no prologue, ids that begin with `name`, CSS variables."""
    written = io.StringIO()
    figure.canvas = FigureCanvasSVG(figure)
    figure.savefig(written, format="svg")
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    # It names the time of drawing and the version of what drew.
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', text)
    assert box is not None
    text = _smaller(text[text.index(">") + 1 :])
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:)?href="#', f'href="#{name}-', text)
    text = text.replace("url(#", f"url(#{name}-")
    for token in Palette.__struct_fields__:
        text = text.replace(getattr(_NAMED, token), f"var(--{token})")
    text = text.replace(f"'{_FONT}'", "var(--font)")
    head = f'<svg {box[0]} role="img" aria-label="{escape(label)}">'
    return head + text.strip()


def _smaller(svg: str) -> str:
    """Lines in tenths of a point, which are enough for a screen: a third of the size."""

    def rounded(found: re.Match[str]) -> str:
        return f"{float(found[0]):.1f}".removesuffix(".0")

    def path(found: re.Match[str]) -> str:
        points = " ".join(found[1].split())
        if not set(points) & set("CQ"):  # without curves what follows is a line by itself
            points = points.replace(" L ", " ")
        return f' d="{re.sub(r"-?[0-9]+[.][0-9]+", rounded, points)}"'

    svg = re.sub(r"\n\s+", "\n", svg)
    return re.sub(r' d="([^"]*)"', path, svg)


def png_of(figure: Figure, dots_per_inch: int) -> bytes:
    """A picture on paper."""
    written = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(written, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return written.getvalue()
