"""The service's settings: one file with what the engine runs, the account and its limits.

Every section is checked by itself, so that all that is wrong is said at once. `[account]` and
`[limits]` have no defaults here: nobody trades by limits that nobody chose.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec
from pydantic import TypeAdapter, ValidationError

from config.catalog import is_path
from config.engine_sections import (
    EngineSection,
    MarketSection,
    RecordingSection,
    VenueSection,
)
from config.problems import KeyPath, Problem, flaws, key_of, what_and_fix
from config.reading import hint
from config.sections import AccountSection, LimitsSection, Patterns, ProtectionsSection
from config.settings import KNOWN, Settings, SettingsFile, settings_of, unknown_variables
from config.stated import Stated
from domain.enums import Mode
from domain.errors import BadConfig

_NEEDED: Final = ("engine", "account", "limits", "markets")
_CHECKS: Final[dict[str, Callable[[object], object]]] = {
    "engine": EngineSection.model_validate,
    "recording": RecordingSection.model_validate,
    "account": AccountSection.model_validate,
    "limits": LimitsSection.model_validate,
    "groups": TypeAdapter(dict[str, Patterns]).validate_python,
    "protections": ProtectionsSection.model_validate,
    "venues": TypeAdapter(dict[str, VenueSection]).validate_python,
}


class EngineFile(SettingsFile):
    """The schema of a service's file, and the environment above it."""

    engine: EngineSection
    markets: tuple[MarketSection, ...]
    recording: RecordingSection = RecordingSection()
    venues: dict[str, VenueSection] = {}  # noqa: RUF012 pydantic copies defaults


class MarketSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One of `[[markets]]`: names, or paths that hold wherever the program runs."""

    instrument: str
    playbook: str
    reference: str | None
    by_hand: bool


class RecordingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Section `[recording]`; `max_gb` in 10^9 bytes."""

    keep_days: float
    max_gb: float


class VenueSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One of `[venues.NAME]`."""

    rest_url: str | None
    ws_url: str | None
    allow: tuple[str, ...]


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the service runs with.

    account       label of the account, which its ledgers know.
    state_folder  absolute; None leaves it to `config.state_folder`.
    """

    mode: Mode
    account: str
    state_folder: Path | None
    markets: tuple[MarketSettings, ...]
    recording: RecordingSettings
    settings: Settings
    venues: dict[str, VenueSettings] = {}


class Sections(msgspec.Struct, kw_only=True):
    """Those that can be used; of the markets those that can be, with their places."""

    engine: EngineSection | None = None
    markets: list[tuple[int, MarketSection]] = []
    recording: RecordingSection | None = None
    account: AccountSection | None = None
    limits: LimitsSection | None = None
    groups: dict[str, Patterns] | None = None
    protections: ProtectionsSection | None = None
    venues: dict[str, VenueSection] | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A file as far as it could be read; `settings` is None where anything is wrong."""

    stated: Stated
    settings: EngineSettings | None
    problems: list[Problem]
    sections: Sections


def load_engine_settings(path: Path) -> EngineSettings:
    """BadConfig names the first thing that is wrong, and how many more are."""
    read = read_engine_settings(path)
    if read.settings is None:
        first, *others = read.problems
        more = f" ({len(others)} more: autoscalper check {path})" if others else ""
        raise BadConfig(f"{first.text}{more}")
    return read.settings


def read_engine_settings(path: Path) -> Read:
    """All that is wrong with a file and the environment. BadConfig where it is no TOML."""
    stated = Stated(path, EngineFile)
    problems = [*stated.problems, *unknown_variables(os.environ), *_unknown(stated)]
    sections = Sections()
    for name, check in _CHECKS.items():
        if name not in stated.values and name in _NEEDED:
            problems.append(_missing(stated, name))
            continue
        try:
            setattr(sections, name, check(stated.values.get(name, {})))
        except ValidationError as error:
            problems += _problems(stated, error, (name,))
    told = {problem.what for problem in problems}
    problems = [each for each in problems if _variable_told(each) not in told]
    sections.markets = list(_markets(stated, problems))
    settings = None if problems else _settings(path, sections)
    return Read(stated=stated, settings=settings, problems=problems, sections=sections)


def _variable_told(problem: Problem) -> str:
    """What is said of a variable as such; the key in it need not be named again."""
    return f"unknown variable {problem.place.removeprefix('environment: ')}"


def _unknown(stated: Stated) -> Iterable[Problem]:
    for name in stated.values:
        if name not in EngineFile.model_fields:
            fix = hint(name, EngineFile.model_fields)
            yield Problem(place=stated.place((name,)), key=name, what="is unknown", fix=fix)


def _missing(stated: Stated, name: str) -> Problem:
    fix = f"state all of [{name}]; `autoscalper init` writes one to copy from"
    return Problem(place=stated.place((name,)), key=name, what="is missing", fix=fix)


def _markets(stated: Stated, problems: list[Problem]) -> Iterable[tuple[int, MarketSection]]:
    """The markets that can be used, with their places; what is wrong goes to `problems`."""
    raw = stated.values.get("markets")
    if not isinstance(raw, list | tuple) or not raw:
        fix = "state [[markets]] with instrument and playbook, once for each market"
        what = "is missing" if not raw else f"must be a list of tables, not {raw!r}"
        problems.append(
            Problem(place=stated.place(("markets",)), key="markets", what=what, fix=fix)
        )
        return
    for number, each in enumerate(raw):
        try:
            yield number, MarketSection.model_validate(each)
        except ValidationError as error:
            problems += _problems(stated, error, ("markets", number))


def _problems(stated: Stated, error: ValidationError, before: KeyPath) -> list[Problem]:
    found = []
    for path, flaw in flaws(error, before):
        what, fix = what_and_fix(path, flaw, KNOWN, "state it: nothing is filled in")
        found.append(Problem(place=stated.place(path), key=key_of(path), what=what, fix=fix))
    return found


def _settings(path: Path, whole: Sections) -> EngineSettings | None:
    engine, recording, account, limits = (
        whole.engine,
        whole.recording,
        whole.account,
        whole.limits,
    )
    groups, protections = whole.groups, whole.protections
    if engine is None or recording is None or account is None or limits is None:
        return None
    if groups is None or protections is None or whole.venues is None:
        return None
    folder = engine.state_folder
    return EngineSettings(
        mode=Mode[engine.mode.upper()],
        account=engine.account,
        state_folder=None if folder is None else Path(folder).expanduser(),
        markets=tuple(market_settings(path, market) for _, market in whole.markets),
        recording=RecordingSettings(**recording.model_dump()),
        settings=settings_of(account, limits, groups, protections),
        venues={name: VenueSettings(**venue.model_dump()) for name, venue in whole.venues.items()},
    )


def market_settings(path: Path, market: MarketSection) -> MarketSettings:
    """With files found from the folder of the config, wherever the program runs."""

    def placed(name: str) -> str:
        return str(path.absolute().parent / Path(name).expanduser()) if is_path(name) else name

    return MarketSettings(
        instrument=placed(market.instrument),
        playbook=placed(market.playbook),
        reference=None if market.reference is None else placed(market.reference),
        by_hand=market.by_hand,
    )
