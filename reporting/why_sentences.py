"""What happened at a moment, a sentence each: the first one answers what `why` was asked."""

from collections.abc import Sequence
from typing import Final

from domain.units import SECOND_NS
from reporting.amounts import price, utc
from reporting.why_summary import Account, Said, WhySummary
from reporting.why_words import number, why_blocked, why_left, why_refused

_CAUSES: Final = {
    "start": "since the start",
    "command": "by a person's command",
    "daily_loss": "by the daily loss limit",
    "day_roll": "since the day's roll",
    "drawdown": "by the drawdown limit",
    "loss_streak": "after losses in a row",
    "slippage": "after much slippage",
    "expired": "since a pause ended",
    "storage": "as the disk takes no more",
    "clock": "as the clock is far from the time of events",
}


def opening(summary: WhySummary) -> str:
    """The sentence that answers."""
    name = summary.market
    if summary.answered_ns is None:
        return (
            f"Nothing was decided for {name} by {at(summary.asked_ns)}: it had no tick until then."
        )
    when = f"at {of_day(summary.answered_ns)}"
    return _acted(name, when, summary) or _waited(name, when, summary)


def _acted(name: str, when: str, summary: WhySummary) -> str:
    """What it did on the tick, or "" where it did nothing."""
    if intent := first(summary.said, "intent"):
        return _of_intent(name, when, intent, summary)
    if addition := first(summary.said, "addition"):
        return f"{name} added to its {addition.side} position {when}: {_answer(summary)}."
    if fill := first(summary.said, "fill"):
        return f"{name} {_filled(fill)} {when}."
    return ""


def _waited(name: str, when: str, summary: WhySummary) -> str:
    if summary.activity == "held":
        left = "nothing asked it to leave"
        if summary.leaving:
            left = f"it was leaving, as {why_left(summary.leaving)}"
        return f"{name} held its position {when}: {left}."
    if summary.activity == "working":
        return f"{name} did not decide anew {when}: an order of it was working."
    if summary.activity == "by_hand":
        return f"{name} is traded by hand and was flat {when}: no gate is asked."
    failing = next((each for each in summary.gates if each.gate == summary.first_failing), None)
    if failing is None:
        return f"{name} was flat {when}, and every gate passed."
    return f"{name} did not enter {when}: {why_blocked(failing)}."


def _of_intent(name: str, when: str, intent: Said, summary: WhySummary) -> str:
    if intent.exits:
        part = "a part of " if intent.code == "partial" else ""
        return f"{name} left {part}its {intent.side} position {when}: {why_left(intent.code)}."
    return f"{name} entered {intent.side} {when}: every gate passed, and {_answer(summary)}."


def _answer(summary: WhySummary) -> str:
    risk = summary.risk
    if risk is None:
        return "risk's answer is not recorded"
    if risk.approved:
        return f"risk approved {price(risk.quantity)} at {price(risk.price)}"
    return f"risk refused, as {why_refused(risk.code, risk.limit, risk.actual)}"


def first(said: Sequence[Said], kind: str) -> Said | None:
    """The first of a kind."""
    return next((each for each in said if each.kind == kind), None)


def sentence(said: Said) -> str:
    """One thing that was said, without its time."""
    if said.kind in {"intent", "addition"}:
        return _wanted(said)
    if said.kind == "fill":
        return _filled(said)
    if said.kind in {"refused", "locked"}:
        did = "refused" if said.kind == "refused" else "locked entries"
        return f"risk {did}: {why_refused(said.code, said.limit, said.actual)}"
    if said.kind == "funding":
        return f"funding of {number(abs(said.actual))} was {_PAID[said.actual >= 0]}"
    plain = {
        "approved": f"risk approved {_quantity(said)} at {_price(said)}",
        "state_changed": f"the account became {said.code}",
        "playbook_changed": "it changed its playbook",
        "command_refused": "a command did not fit and was not carried out",
    }
    return plain[said.kind]


_PAID: Final = ("received", "paid")


def _wanted(said: Said) -> str:
    if said.exits:
        return f"wanted to leave its {said.side} position: {why_left(said.code)}"
    what = "enter" if said.kind == "intent" else f"add {_quantity(said)}"
    return f"wanted to {what} {said.side}, at {_price(said)} or better"


def _filled(said: Said) -> str:
    buys = (said.side == "long") != said.exits
    return f"{'bought' if buys else 'sold'} {_quantity(said)} at {_price(said)}"


def _price(said: Said) -> str:
    return "-" if said.price is None else price(said.price)


def _quantity(said: Said) -> str:
    return "-" if said.quantity is None else price(said.quantity)


def at(when_ns: int) -> str:
    """A moment with its day, to the millisecond."""
    return f"{utc(when_ns)}.{when_ns % SECOND_NS // 1_000_000:03} UTC"


def of_day(when_ns: int) -> str:
    """A moment of the day, to the millisecond."""
    return f"{utc(when_ns)[11:]}.{when_ns % SECOND_NS // 1_000_000:03}"


def state_told(account: Account) -> str:
    """The trading state, why it is that, and until when."""
    until = "" if account.until_ns is None else f", {until_told(account.until_ns)}"
    return f"{account.trading_state}, {_CAUSES[account.cause]}{until}"


def until_told(when_ns: int) -> str:
    """Until when something is in force."""
    return "until a person releases it" if when_ns >= 1 << 62 else f"until {of_day(when_ns)}"
