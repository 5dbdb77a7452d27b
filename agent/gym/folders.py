"""Where the gym's recordings go: a folder of the user's, or `gym` in the state folder."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from config.state_folder import state_folder
from db.recording.folder import FolderLock
from domain.errors import BadInput, BadUsage

_NAME: Final = "gym"


def claim(record: Path | None, names: Iterable[str]) -> tuple[Path, FolderLock]:
    """The folder for a visit, made and locked. None: that of every visit, the last one removed.

    Nothing of a user's is removed: BadUsage where his folder holds one of the sessions already.
    BadInput where another process plays there, or nobody can write.
    """
    folder = state_folder() / _NAME if record is None else record.expanduser().absolute()
    lock = FolderLock(folder)
    there = [folder / name for name in names if (folder / name).exists()]
    if record is not None and there:
        lock.release()
        raise BadUsage(f"{there[0]}: there is something already; name another folder for --record")
    try:
        for each in there:
            shutil.rmtree(each)
    except OSError as error:
        lock.release()
        raise BadInput(f"{folder}: the last visit cannot be removed ({error.strerror})") from error
    return folder, lock
