"""All of a service's config that can be judged without a network: what is wrong, what to know.

`autoscalper check` prints it; whoever starts an engine asks it first.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from config.catalog import load_instrument, load_playbook
from config.engine_settings import EngineSettings, Read, market_settings, read_engine_settings
from config.problems import Problem, key_of
from config.state_folder import HOME_VARIABLE, chosen_folder, mode_folder
from domain.account import AccountSettings, settlement_rate
from domain.enums import AllowedSides, Gate, GateMode, Mode
from domain.errors import BadConfig
from domain.instruments import Instrument
from domain.limits import Limits
from domain.playbooks import Playbook
from risk.engine import RiskEngine

T = TypeVar("T")

CANNOT_RUN: Final = (Mode.LIVE, Mode.SANDBOX)
_ASKING: Final = (Gate.REFERENCE, Gate.RELATIVE_STRENGTH)
_NOTIONALS: Final = ("max_order_notional", "max_position_notional", "max_gross_notional")


class CheckedMarket(msgspec.Struct, frozen=True, kw_only=True):
    """A market whose instrument and playbook could be loaded."""

    instrument: Instrument
    playbook: Playbook
    reference: str | None
    by_hand: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; `notes` are what is assumed or unusual, and no fault.

    folder  where the mode's files would go; None where that cannot be said.
    """

    read: Read
    markets: list[CheckedMarket]
    problems: list[Problem]
    notes: list[str]
    folder: Path | None

    @property
    def settings(self) -> EngineSettings | None:
        """None where anything is wrong."""
        return None if self.problems else self.read.settings


def check_config(path: Path) -> Checked:
    """Everything that is wrong. BadConfig where the file cannot be read or is no TOML."""
    read = read_engine_settings(path)
    problems = list(read.problems)
    notes: list[str] = []
    markets = list(_markets(read, problems))
    names = Counter(market.instrument.name for _, market in markets)
    for name, count in names.items():
        if count > 1:
            what = f"has {name} {count} times"
            problems.append(_problem(read, ("markets",), what, "state each market once"))
    for place, market in markets:
        problems += _refused_always(read, place, market)
        notes += _notes(read, market)
    problems += _risk(read)
    problems += _mode(read)
    folder = _folder(read, problems)
    problems.sort(key=_in_file)
    kept = [market for _, market in markets]
    return Checked(
        read=read, markets=kept, problems=problems, notes=sorted(set(notes)), folder=folder
    )


def _in_file(problem: Problem) -> int:
    """The environment and the file as a whole first, then line by line."""
    line = problem.place.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def _problem(read: Read, path: tuple[str | int, ...], what: str, fix: str) -> Problem:
    return Problem(place=read.stated.place(path), key=key_of(path), what=what, fix=fix)


def _markets(read: Read, problems: list[Problem]) -> Iterator[tuple[int, CheckedMarket]]:
    """Those that can be loaded, with their places."""
    for place, section in read.sections.markets:
        market = market_settings(read.stated.path, section)

        def tried(key: str, load: Callable[[str], T], name: str, place: int = place) -> T | None:
            try:
                return load(name)
            except BadConfig as error:
                what, _, fix = str(error).partition("; ")
                problems.append(_problem(read, ("markets", place, key), what, fix))
                return None

        instrument = tried("instrument", load_instrument, market.instrument)
        playbook = tried("playbook", load_playbook, market.playbook)
        if market.reference is not None:
            tried("reference", load_instrument, market.reference)
        if instrument is not None and playbook is not None:
            yield (
                place,
                CheckedMarket(
                    instrument=instrument,
                    playbook=playbook,
                    reference=market.reference,
                    by_hand=market.by_hand,
                ),
            )


def _refused_always(read: Read, place: int, market: CheckedMarket) -> Iterator[Problem]:
    """What would keep this one market from ever being entered."""
    instrument, key = market.instrument, ("markets", place, "instrument")
    rate = Decimal(0)
    if (account := _account(read)) is not None:
        try:
            rate = settlement_rate(account, instrument.settle).value
        except BadConfig:
            what = (
                f"settles in {instrument.settle}, and account.rates.{instrument.settle} is missing"
            )
            fix = f'state {instrument.settle} = "..." under [account.rates]: what one is worth'
            yield _problem(read, key, what, f"{fix} in {account.currency}")
    if market.playbook.values["entry.sides"] == AllowedSides.SHORT and not instrument.shortable:
        what = f"{market.playbook.name} enters short only, and {instrument.name} cannot be sold"
        yield _problem(read, ("markets", place, "playbook"), what, "choose another playbook")
    if (limits := read.sections.limits) is None:
        return
    if limits.allow and "*" not in limits.allow and instrument.name not in limits.allow:
        what = f"does not name {instrument.name}, whose every entry is refused"
        yield _problem(read, ("limits", "allow"), what, 'add it, or write ["*"] for all')
    least = instrument.min_notional * rate
    for name in _NOTIONALS:
        most = getattr(limits, name)
        if most is not None and 0 < most < least:
            what = f"is below {least:f}, the smallest order of {instrument.name}"
            yield _problem(read, ("limits", name), what, "raise it, or leave that market out")


def _account(read: Read) -> AccountSettings | None:
    section = read.sections.account
    return None if section is None else AccountSettings(**section.model_dump())


def _notes(read: Read, market: CheckedMarket) -> Iterator[str]:
    name, settle = market.instrument.name, market.instrument.settle
    if (account := _account(read)) is not None:
        try:
            if settlement_rate(account, settle).assumed:
                yield f"one {settle} is taken for one {account.currency}"
        except BadConfig:
            pass  # told as a problem
    books = (market.playbook, *(switch.playbook for switch in market.playbook.switches))
    asking = {
        gate.word for book in books for gate in _ASKING if book.gates[gate].mode is not GateMode.OFF
    }
    if market.reference is None and asking:
        told = " and ".join(sorted(asking))
        yield f"{name} has no reference: {told} of {market.playbook.name} stay off"
    if market.by_hand:
        yield f"{name} can be traded by hand too, as {name}@manual"


def _risk(read: Read) -> Iterator[Problem]:
    """Limits with which risk refuses every entry."""
    if (limits := read.sections.limits) is None:
        return
    for line in RiskEngine(Limits(**limits.model_dump())).problems():
        told, _, _ = line.partition(": until then")
        key, _, what = told.partition(" ")
        path = tuple(key.split("."))
        yield _problem(read, path, f"{what}, or every entry is refused", _limit_fix(key))


def _limit_fix(key: str) -> str:
    if key == "limits.allow":
        return 'write allow = ["*"], or the names of the markets'
    return f"state {key.removeprefix('limits.')}; config/defaults.toml has an example with its unit"


def _mode(read: Read) -> Iterator[Problem]:
    if read.sections.engine is None:
        return
    mode = Mode[read.sections.engine.mode.upper()]
    if mode in CANNOT_RUN:
        what = f"{mode.word} cannot be run by this build: it has no way to a venue's orders yet"
        yield _problem(read, ("engine", "mode"), what, 'write mode = "paper"')


def _folder(read: Read, problems: list[Problem]) -> Path | None:
    """Where the mode's files would go; a problem where nothing can be written there."""
    if (engine := read.sections.engine) is None:
        return None
    try:
        home = chosen_folder(None if engine.state_folder is None else Path(engine.state_folder))
    except BadConfig as error:
        place, _, told = str(error).partition(": ")
        what, _, fix = told.partition(": ")
        problems.append(Problem(place=place, key=HOME_VARIABLE, what=what, fix=fix))
        return None
    folder = mode_folder(home, Mode[engine.mode.upper()])
    if refused := unwritable(folder):
        what = f"nothing can be written to {folder}: {refused}"
        fix = f"set ${HOME_VARIABLE}, or engine.state_folder, to a folder of this user"
        problems.append(_problem(read, ("engine", "state_folder"), what, fix))
    return folder


def unwritable(folder: Path) -> str | None:
    """Why no file can be made in a folder, which need not be there yet; None if one can."""
    at = folder
    while not at.exists() and at != at.parent:
        at = at.parent
    if not at.is_dir():
        return f"{at} is no folder"
    return None if os.access(at, os.W_OK | os.X_OK) else f"{at} does not let this user write"
