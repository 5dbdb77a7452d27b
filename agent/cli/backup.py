"""`autoscalper backup`: copies of a mode's files that are whole, and the way back."""

import time
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.places import ConfigOption, HomeOption, ModeOption, Named, Place, place_of
from domain.enums import FileKind
from domain.errors import BadInput, BadUsage

BACKUP_EXAMPLES = """\b
Examples:
  autoscalper backup
  autoscalper backup /mnt/saved --mode live
  autoscalper backup --restore /mnt/saved/auto-20261124T202216.123456Z.db
"""


def backup(
    # Hidden from the help's table, which would show its Python type; the text says what it is.
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", hidden=True, show_default=False)
    ] = None,
    *,
    restore: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Put this backup where it belongs; what is there is moved aside, not deleted.",
        ),
    ] = None,
    mode: ModeOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Copy the ledgers and telemetry of a mode into FOLDER, also while an engine writes them.

    Without FOLDER they go into `backups` beside the files. A restore needs the engine stopped, and
    the backup must be of that mode and account; stop, restore, then start again.
    """
    place = place_of(Named(mode, home, None, config))
    if restore is not None:
        if folder is not None:
            raise BadUsage("--restore takes one file and no FOLDER: it goes where it belongs")
        _restore(restore, place)
        return
    _save(place, folder)


def _save(place: Place, folder: Path | None) -> None:
    """Copy what there is. BadInput where that is nothing, or nothing can be written."""
    from db.backup import backup as copy
    from db.copies import make_folder, stamp
    from db.named import whose

    mark = stamp(time.time_ns())
    there = [kind for kind in FileKind if place.path(kind).exists()]
    if not there:
        raise BadInput(
            f"{place.path(FileKind.AUTO).parent}: there is nothing to back up; see that --home and "
            "--mode name the right place"
        )
    target = place.path(FileKind.AUTO).parent / "backups" if folder is None else folder
    try:
        make_folder(target.absolute())
    except OSError as error:
        raise BadInput(f"{target}: cannot be made: {error.strerror}") from error
    for kind in there:
        spec, saved = whose(place.path(kind)), target.absolute() / f"{kind.word}-{mark}.db"
        copy(spec, saved)
        typer.echo(f"Saved {place.path(kind)} as {saved} ({saved.stat().st_size:,} bytes).")


def _restore(saved: Path, place: Place) -> None:
    """Put a backup back. BadInput or BadConfig: nothing was changed."""
    from db.backup import restore as put_back
    from db.connections import FileSpec
    from db.named import whose

    found = whose(saved)
    there = place.path(found.kind)
    account = found.account
    if there.exists():
        try:
            account = whose(there).account
        except BadInput:  # most likely it is damaged, which is what a backup is for
            typer.echo(
                f"{there}: does not say whose it is; taken as the backup's account {account!r}.",
                err=True,
            )
    target = FileSpec(
        home=place.path(found.kind).parent.parent,
        mode=place.mode,
        kind=found.kind,
        account=account,
    )
    aside = put_back(saved, target)
    typer.echo(f"Restored {there} from {saved}.")
    if aside is not None:
        typer.echo(f"What was there is now {aside}.")
