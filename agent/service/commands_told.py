"""Commands as rows of a ledger: in words, for whoever looks later what was asked and why."""

from functools import singledispatch
from typing import Final

from domain.enums import StateCause, TradingState
from domain.events import Command, Event, Leave, LockSet, ManualOrder, ParameterSet, Release
from domain.ledger import CommandRow

_VERBS: Final = {
    TradingState.ACTIVE: "resume",
    TradingState.REDUCING: "pause",
    TradingState.HALTED: "halt",
}
_SERVICE, _PERSON = "service", "operator"


def command_row(event: Event) -> CommandRow | None:
    """Of a command; None of any other event."""
    told = _told(event)
    if told is None:
        return None
    command, detail, origin = told
    return CommandRow(time_ns=event.event_ns, command=command, detail=detail, origin=origin)


@singledispatch
def _told(event: Event) -> tuple[str, str, str] | None:  # noqa: ARG001  what is no command
    return None


@_told.register
def _(event: Command) -> tuple[str, str, str]:
    by_person = event.cause is StateCause.COMMAND
    words = event.reason if by_person else f"{event.cause.word}: {event.reason}".rstrip(": ")
    return _VERBS[event.state], words, _PERSON if by_person else _SERVICE


@_told.register
def _(event: Release) -> tuple[str, str, str]:
    return "release", _with_reason(event.market or "all markets", event.reason), _PERSON


@_told.register
def _(event: LockSet) -> tuple[str, str, str]:
    until = "until released" if event.until_ns is None else f"until {int(event.until_ns)} ns"
    where = event.market or "all markets"
    return "lock", _with_reason(f"{where} {until}", event.reason), _PERSON


@_told.register
def _(event: Leave) -> tuple[str, str, str]:
    origin = "" if event.origin is None else f" ({event.origin.word})"
    return "leave", f"{event.instrument or 'all markets'}{origin}", _PERSON


@_told.register
def _(event: ManualOrder) -> tuple[str, str, str]:
    price = "at the market" if event.limit is None else f"at {int(event.limit)} ticks"
    target = f"target {event.target}" if event.target else "no target"
    style = ", resting" if event.rests else ""
    words = f"{event.instrument} {event.side.word} {int(event.lots)} lots {price}{style}, "
    return "order", f"{words}stop {event.stop}, {target} ticks", _PERSON


@_told.register
def _(event: ParameterSet) -> tuple[str, str, str]:
    playbook = event.playbook
    return "set-playbook", f"{event.market}: {playbook.name} {playbook.content_hash}", _PERSON


def _with_reason(words: str, reason: str) -> str:
    return f"{words}: {reason}" if reason else words
