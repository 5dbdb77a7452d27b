"""Opening for reading a file of which only the place is known: a mode's own, a copy, a backup."""

import sqlite3
from pathlib import Path

from db.connections import APPLICATION_ID, FileSpec, connect, is_damage
from db.read import Reader, open_reader
from domain.enums import FileKind, Mode
from domain.errors import BadConfig, BadInput


class NamedFile(FileSpec, frozen=True, kw_only=True):
    """A file that need not lie where its mode and kind would have it."""

    file: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.file


def whose(path: Path) -> NamedFile:
    """What a file says of itself.

    BadInput if there is none or it cannot be read; BadConfig if it is not one of ours.
    """
    if not path.is_file() or not path.stat().st_size:
        raise BadInput(
            f"{path}: there is no such file yet; start the engine in that mode, or see that "
            "--home, --mode and --file name the right place"
        )
    file = path.resolve()
    try:
        connection = connect(f"{file.as_uri()}?mode=ro")
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION_ID:
                raise BadConfig(f"{path}: is a database of another program; name one of ours")
            mode, kind, account = connection.execute(
                "SELECT mode, kind, account FROM identity"
            ).fetchone()
        finally:
            connection.close()
        return NamedFile(
            home=file.parent.parent,
            mode=Mode[mode.upper()],
            kind=FileKind[kind.upper()],
            account=account,
            file=file,
        )
    except (sqlite3.Error, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, sqlite3.OperationalError) and not is_damage(error):
            raise BadInput(
                f"{path}: cannot be read: {error}; see that this user may, and try again"
            ) from error
        raise BadInput(
            f"{path}: is no whole ledger ({error}); take an older backup, or look at it with the "
            "engine, which puts a damaged file aside"
        ) from error


def open_named(path: Path, kind: FileKind, mode: Mode | None = None) -> Reader:
    """Open for reading only, whatever the account. Errors are those of `whose` and `open_reader`.

    mode  that it must be of; None takes any.
    """
    found = whose(path)
    wanted = NamedFile(
        home=found.home,
        mode=found.mode if mode is None else mode,
        kind=kind,
        account=found.account,
        file=found.file,
    )
    return open_reader(wanted)
