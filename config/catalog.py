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
from typing import Final

from config.instrument_files import instrument_from
from config.reading import hint, read_toml
from domain.errors import BadConfig
from domain.instruments import Instrument
from domain.playbooks import Playbook, playbook_from

PLAYBOOKS_VARIABLE: Final = "AUTOSCALPER_PLAYBOOKS"
_SUFFIX: Final = ".toml"


def list_playbooks() -> list[str]:
    """Names that `load_playbook` takes, sorted: shipped ones and the user's."""
    return sorted({*_shipped("playbooks"), *_own_playbooks()})


def load_playbook(name_or_path: str) -> Playbook:
    """A playbook by name, or from a path that ends in .toml. BadConfig suggests a name."""
    if _is_path(name_or_path):
        return playbook_from(read_toml(Path(name_or_path), name_or_path), name_or_path)
    shipped, own = _shipped("playbooks"), _own_playbooks()
    if name_or_path in shipped and name_or_path in own:
        raise BadConfig(
            f"playbook {name_or_path!r} is shipped and stands in {own[name_or_path]} too: "
            "rename yours, or give its path"
        )
    found = shipped.get(name_or_path) or own.get(name_or_path)
    if found is None:
        raise BadConfig(
            f"unknown playbook {name_or_path!r}; {hint(name_or_path, [*shipped, *own])}"
        )
    source = str(found) if name_or_path in own else f"config/playbooks/{found.name}"
    return playbook_from(read_toml(found, source), source)


def list_instruments() -> list[str]:
    """Names of the shipped instruments, sorted."""
    return sorted(_shipped("instruments"))


def load_instrument(name_or_path: str) -> Instrument:
    """An instrument by name, or from a path that ends in .toml; its name is that of its file."""
    if _is_path(name_or_path):
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


def _is_path(name_or_path: str) -> bool:
    return name_or_path.endswith(_SUFFIX) or "/" in name_or_path or os.sep in name_or_path


def _files(folder: Path | Traversable) -> Iterator[tuple[str, Path | Traversable]]:
    for file in folder.iterdir():
        if file.name.endswith(_SUFFIX):
            yield file.name.removesuffix(_SUFFIX), file


@cache
def _shipped(kind: str) -> dict[str, Path | Traversable]:
    return dict(sorted(_files(resources.files("config").joinpath(kind))))


def _own_playbooks() -> dict[str, Path | Traversable]:
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
