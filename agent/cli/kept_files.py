"""What lies in the state folder, and whether it is whole: config, room, ledgers, recordings."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent.service.config_check import check_config, unwritable
from config.config_file import config_places, find_config
from config.engine_settings import EngineSettings
from config.state_folder import chosen_folder, mode_folder
from db.named import open_named, whose
from db.recording.format import INPUTS, OUTPUTS
from db.recording.reader import segments
from domain.enums import FileKind, Mode
from domain.errors import AutoScalperError
from reporting.doctor_text import Finding, good, problem, warning

RECORDINGS: Final = "recordings"
_GB: Final = 1_000_000_000
_LEAST_GB: Final = 0.5
_WANTED_GB: Final = 5.0


def config() -> tuple[Finding, EngineSettings | None]:
    """The config that would be used, and whether it can be."""
    try:
        path = find_config()
        if path is None:
            looked = " nor ".join(str(each) for each in config_places())
            fix = "`autoscalper init` writes one"
            return warning("config", f"neither {looked} is there", fix), None
        checked = check_config(path)
    except AutoScalperError as error:
        return _told("config", error), None
    if checked.problems:
        count = len(checked.problems)
        text = f"{path} has {count} problem{'' if count == 1 else 's'}"
        return problem("config", text, f"autoscalper check {path}"), checked.read.settings
    return good("config", f"{path} can be used"), checked.read.settings


def files(home: Path | None, settings: EngineSettings | None) -> Iterator[Finding]:
    """The state folder and all that is kept there."""
    try:
        folder = home or chosen_folder(None if settings is None else settings.state_folder)
    except AutoScalperError as error:
        yield _told("state", error)
        return
    yield state(folder)
    kept = False
    for mode in Mode:
        for kind in FileKind:
            path = mode_folder(folder, mode) / f"{kind.word}.db"
            if path.exists():
                kept = True
                yield ledger(path, mode, kind, settings)
        recorded = mode_folder(folder, mode) / RECORDINGS
        if recorded.is_dir() and any(recorded.glob(f"*{INPUTS}")):
            kept = True
            yield recordings(recorded, mode)
    if not kept:
        yield good("ledgers", "none yet, and no recordings")


def state(folder: Path) -> Finding:
    """Whether something can be written there, and how much."""
    if refused := unwritable(folder):
        fix = "set $AUTOSCALPER_HOME to a folder of this user"
        return problem("state", f"{folder}: {refused}", fix)
    at = folder
    while not at.exists():
        at = at.parent
    free = shutil.disk_usage(at).free / _GB
    there = "" if folder.exists() else ", made at the first start"
    text = f"{folder}{there}; {free:,.1f} GB free"
    fix = f"make room: less than {_WANTED_GB:g} GB are left for ledgers and recordings"
    if free < _LEAST_GB:
        return problem("state", text, fix)
    return warning("state", text, fix) if free < _WANTED_GB else good("state", text)


def ledger(path: Path, mode: Mode, kind: FileKind, settings: EngineSettings | None) -> Finding:
    """Whose it is and whether its structure is whole; the chain is checked when it is opened."""
    name = f"{mode.word}/{path.name}"
    try:
        account = whose(path).account
        with open_named(path, kind, mode) as reader:
            flaw = reader.flaw()
    except AutoScalperError as error:
        return _told("ledger", error)
    if flaw is not None:
        fix = "stop the engine and restore a backup: autoscalper backup --restore FILE"
        return problem("ledger", f"{name} is damaged: {flaw}", fix)
    text = f"{name}: account {account}, whole, {_size(path.stat().st_size)}"
    if settings is not None and settings.mode is mode and settings.account != account:
        fix = f'the config says account "{settings.account}": change it, or the state folder'
        return problem("ledger", text, fix)
    return good("ledger", text)


def recordings(folder: Path, mode: Mode) -> Finding:
    """How many there are; of the newest the head is read."""
    name = f"{mode.word}/{RECORDINGS}"
    try:
        found = segments(folder)
        bytes_ = sum(
            path.stat().st_size for path in folder.iterdir() if path.suffix in (INPUTS, OUTPUTS)
        )
        newest = found[-1]
        cut = newest.cut_at_start is not None
        markets = () if cut else newest.header.markets
    except AutoScalperError as error:
        return _told("recording", error)
    text = f"{name}: {len(found)}, {_size(bytes_)}, newest {newest.name}"
    if cut:
        return warning("recording", f"{text}, cut off by a crash", "nothing: the next one is whole")
    return good("recording", f"{text} of {', '.join(markets)}" if markets else text)


def _told(name: str, error: AutoScalperError) -> Finding:
    what, _, fix = str(error).partition("; ")
    return problem(name, what, fix or "see that it is the right file, and that you may read it")


def _size(count: int) -> str:
    for unit, of in (("GB", _GB), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= of:
            return f"{count / of:,.1f} {unit}"
    return f"{count} bytes"
