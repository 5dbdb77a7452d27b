"""The catalogue: playbooks and instruments by name, from what is shipped and what a user adds.

Instruments are checked strictly: a typing error in a tick or a fee would make every result wrong
and look right. Their decimals are texts, because a TOML float has lost digits already.
"""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, TypeAlias

from config.instrument_files import instrument_from
from config.reading import hint, read_toml
from domain.errors import BadConfig
from domain.instruments import Instrument
from domain.playbooks import Playbook, playbook_from

PLAYBOOKS_VARIABLE: Final = "AUTOSCALPER_PLAYBOOKS"
BY_HAND: Final = "by-hand.toml"
_SUFFIX: Final = ".toml"
_Files: TypeAlias = dict[str, Path | Traversable]


def list_playbooks() -> list[str]:
    """Names that `load_playbook` takes, sorted: shipped ones and the user's."""
    return sorted({*_shipped("playbooks"), *_own_playbooks()})


def load_playbook(name_or_path: str) -> Playbook:
    """A playbook by name, or from a path that ends in .toml. BadConfig suggests a name.

    One with switches names others: shipped ones, the user's, and for a path those beside it.
    """
    if not is_path(name_or_path):
        file, source = _find_playbook(name_or_path, _own_playbooks())
        return playbook_from(read_toml(file, source), source, _without_switches)
    path = Path(name_or_path)

    def look_up(name: str) -> Playbook:
        return _without_switches(name, dict(_files(path.parent)))

    return playbook_from(read_toml(path, name_or_path), name_or_path, look_up)


def by_hand_playbook() -> Playbook:
    """What markets by hand go by; it is nobody's to choose, so it is not listed."""
    file = resources.files("config").joinpath(BY_HAND)
    source = f"config/{BY_HAND}"
    return playbook_from(read_toml(file, source), source, _without_switches)


def list_instruments() -> list[str]:
    """Names of the shipped instruments, sorted."""
    return sorted(_shipped("instruments"))


def load_instrument(name_or_path: str) -> Instrument:
    """An instrument by name, or from a path that ends in .toml; its name is that of its file."""
    if is_path(name_or_path):
        path = Path(name_or_path)
        return instrument_from(read_toml(path, name_or_path), path.stem, name_or_path)
    known = _instruments()
    if name_or_path not in known:
        raise BadConfig(f"unknown instrument {name_or_path!r}; {hint(name_or_path, known)}")
    return known[name_or_path]


def instrument_for_file(path: Path) -> Instrument | None:
    """The shipped instrument whose `files` patterns match the file's name, if there is one.

    BadConfig where two match: their patterns must be told apart.
    """
    matches = [
        instrument
        for instrument in _instruments().values()
        if any(fnmatchcase(path.name, pattern) for pattern in instrument.files)
    ]
    return _only(matches, path)


def instrument_for_funding(path: Path) -> Instrument | None:
    """The shipped instrument whose `funding_files` patterns match the file's name, if any does."""
    matches = [
        instrument
        for instrument in _instruments().values()
        if any(fnmatchcase(path.name, pattern) for pattern in instrument.funding_files)
    ]
    return _only(matches, path)


def _only(matches: list[Instrument], path: Path) -> Instrument | None:
    if len(matches) > 1:
        names = " and ".join(instrument.name for instrument in matches)
        raise BadConfig(f"{path}: the instruments {names} both claim it; name one of them")
    return matches[0] if matches else None


def is_path(name_or_path: str) -> bool:
    """Whether it says where a file is, rather than what something is called."""
    return name_or_path.endswith(_SUFFIX) or "/" in name_or_path or os.sep in name_or_path


def _files(folder: Path | Traversable) -> Iterator[tuple[str, Path | Traversable]]:
    for file in folder.iterdir():
        if file.name.endswith(_SUFFIX):
            yield file.name.removesuffix(_SUFFIX), file


@cache
def _shipped(kind: str) -> _Files:
    return dict(sorted(_files(resources.files("config").joinpath(kind))))


def _without_switches(name: str, beside: _Files | None = None) -> Playbook:
    """A playbook that another names; as none is looked up for it, no two can name each other."""
    file, source = _find_playbook(name, _own_playbooks(), beside or {})
    return playbook_from(read_toml(file, source), source)


def _find_playbook(name: str, *own: _Files) -> tuple[Path | Traversable, str]:
    """The one file of this name, and how it is called in refusals."""
    shipped = _shipped("playbooks")
    found = {
        Path(str(file[name])).resolve(): file[name] for file in (*own, shipped) if name in file
    }
    if not found:
        known = {each for files in (shipped, *own) for each in files}
        raise BadConfig(f"unknown playbook {name!r}; {hint(name, known)}")
    file, *others = found.values()
    if others and name in shipped:
        raise BadConfig(f"playbook {name!r} is shipped and stands in {file} too: rename yours")
    if others:
        raise BadConfig(
            f"playbook {name!r} stands in {file} and in {others[0]}: rename one of them"
        )
    return file, f"config/playbooks/{file.name}" if name in shipped else str(file)


def _own_playbooks() -> _Files:
    stated = os.environ.get(PLAYBOOKS_VARIABLE)
    if not stated:
        return {}
    folder = Path(stated)
    if not folder.is_dir():
        raise BadConfig(f"environment: {PLAYBOOKS_VARIABLE} is no folder: {stated}")
    return dict(sorted(_files(folder)))


@cache
def _instruments() -> dict[str, Instrument]:
    known = {}
    for name, file in _shipped("instruments").items():
        source = f"config/instruments/{file.name}"
        known[name] = instrument_from(read_toml(file, source), name, source)
    return known
