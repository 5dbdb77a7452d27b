"""How a session ended: the result after costs, why it mostly did nothing, and what to try next."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from domain.enums import Gate
from reporting.amounts import counted, price
from reporting.layout import pairs, print_heading, print_sentence
from reporting.ledger_text import verdict
from reporting.live.lines import label
from reporting.live.picture import MarketPicture, Picture
from reporting.live.trade_told import explained
from reporting.playbook_gates import plain
from reporting.waterfall import waterfall

_BAR_CELLS = 40


def print_closing(
    console: Console, picture: Picture, kept: str, commands: Sequence[tuple[str, str]]
) -> None:
    """Print it. `kept` says where the files are; `commands` are what to try next, with a word."""
    currency = picture.account.currency
    print_sentence(console, f"{label(picture.mode)}. {verdict(picture.total, currency)}", "bold")
    print_sentence(
        console,
        "The simulated market has no edge in it: over many trades a playbook loses its costs. It "
        "shows how this program decides and keeps books, and nothing of any real market.",
    )
    if picture.trades:
        print_heading(console, f"From gross to net, {currency}, closed trades")
        cells = max(10, min(_BAR_CELLS, console.width - 36))
        ascii_only = console.options.ascii_only
        console.print(waterfall(picture.total.money, cells, ascii_only=ascii_only))
        print_heading(console, "The last trade")
        for sentence in explained(picture.trades[-1], currency):
            print_sentence(console, sentence)
    print_heading(console, "Why it mostly waited")
    console.print(pairs(*((each.name, _waited(each)) for each in picture.markets)))
    still = [each for each in picture.markets if each.why.position is not None]
    for each in still:
        print_sentence(console, _open(each))
    print_heading(console, "Files")
    print_sentence(console, kept)
    print_heading(console, "Next")
    for command, words in commands:
        console.print(Text(f"{command}   # {words}"), soft_wrap=True)


def _waited(market: MarketPicture) -> str:
    told = ", ".join(f"{plain(Gate[gate.upper()])} {count:,}" for gate, count in market.rejections)
    return f"{counted(market.ticks, 'tick')}; kept out by {told}" if told else "it never waited"


def _open(market: MarketPicture) -> str:
    position = market.why.position
    assert position is not None
    return (
        f"{market.name} still holds {position.side} {price(position.quantity)} from "
        f"{price(position.entry_price)}; it is not in the result above."
    )
