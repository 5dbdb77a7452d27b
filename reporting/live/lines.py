"""A running engine in plain lines: for pipes, logs, and terminals that cannot be drawn on."""

from domain.enums import Mode
from reporting.amounts import amount, counted, utc
from reporting.live.picture import Picture
from reporting.why_sentences import opening, state_told


def label(mode: Mode) -> str:
    """The word that no reader may miss."""
    return mode.word.upper()


def beginning(picture: Picture) -> list[str]:
    """Where it stands when it begins to be paced."""
    total, currency = picture.total, picture.account.currency
    return [
        (
            f"{label(picture.mode)} market, made up from a seed. There is no edge in it: over many "
            "trades a playbook loses its costs."
        ),
        (
            f"Folded from {utc(picture.began_ns)} to {utc(picture.now_ns)}: "
            f"{counted(total.trades, 'trade')}, net {amount(total.money.net, signed=True)} "
            f"{currency} after {amount(total.costs)} of costs."
        ),
        *(opening(each.why) for each in picture.markets),
        f"From here on time runs at {picture.speed:g} times its pace.",
    ]


def state(picture: Picture) -> str:
    """The trading state, where it has changed."""
    return f"{utc(picture.now_ns)}  the account is {state_told(picture.account)}"
