"""Options that several verbs share, and the ledgers' files that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from agent.cli.completion import instruments, playbooks, words_of
from agent.cli.moments import moment, one_of
from domain.enums import FileKind, Mode, Side
from domain.errors import BadUsage

if TYPE_CHECKING:
    from db.read import Reader

ModeOption = Annotated[
    Mode,
    typer.Option(
        metavar="MODE",
        parser=one_of(Mode),
        autocompletion=words_of(Mode),
        show_default="paper",
        help="Whose files: signals, paper, sandbox, live or simulated.",
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        show_default=False,
        help="The state folder; without it $AUTOSCALPER_HOME, else the user's.",
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", show_default=False, help="Read this copy or backup, of any mode, instead."
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", show_default=False, help="Settings, for the account's currency and zone."
    ),
]
FromOption = Annotated[
    # The parser makes it a TsNs; typer knows no NewType.
    int | None,
    typer.Option(
        "--from",
        metavar="TIME",
        parser=moment,
        show_default=False,
        help="From then on: 2026-11-24T15:30 (UTC), a date, today, or 24h, 7d ago.",
    ),
]
ToOption = Annotated[
    int | None,
    typer.Option(
        "--to", metavar="TIME", parser=moment, show_default=False, help="Before that time."
    ),
]
PlaybookOption = Annotated[
    str | None,
    typer.Option(
        metavar="P",
        show_default=False,
        autocompletion=playbooks,
        help="Of this playbook only.",
    ),
]
MarketOption = Annotated[
    str | None,
    typer.Option(
        metavar="M",
        show_default=False,
        autocompletion=instruments,
        help="Of this market only.",
    ),
]
SideOption = Annotated[
    Side | None,
    typer.Option(
        metavar="SIDE", parser=one_of(Side), show_default=False, help="Only long, or only short."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, money as exact decimals.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV that spreadsheets do not run.")]


class Place(NamedTuple):
    """Where the files of a mode are, or the one file that was named."""

    mode: Mode
    home: Path | None
    file: Path | None = None

    def path(self, kind: FileKind) -> Path:
        """The file of a kind."""
        from config.state_folder import mode_folder, state_folder

        if self.file is not None:
            return self.file
        home = state_folder() if self.home is None else self.home.absolute()
        return mode_folder(home, self.mode) / f"{kind.word}.db"


@contextmanager
def opened(place: Place, kind: FileKind) -> "Iterator[Reader]":
    """The file of a kind, for reading only."""
    from db.named import open_named

    mode = place.mode if place.file is None else None
    with open_named(place.path(kind), kind, mode) as reader:
        yield reader


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """BadUsage for two at once."""
    if as_json and as_csv:
        raise BadUsage("--json and --csv are two formats: give one")
