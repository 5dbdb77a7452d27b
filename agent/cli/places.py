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
    Mode | None,
    typer.Option(
        metavar="MODE",
        parser=one_of(Mode),
        autocompletion=words_of(Mode),
        show_default=False,
        help="Whose files: signals, paper, sandbox, live or simulated; without it the config's, "
        "else paper.",
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        show_default=False,
        help="The state folder; without it $AUTOSCALPER_HOME, else the config's, else yours.",
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
        metavar="FILE",
        show_default=False,
        help="Config, for mode, state folder, currency and zone; without it the one that `check` "
        "finds.",
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
TradingPlaybookOption = Annotated[
    str,
    typer.Option(
        metavar="P",
        autocompletion=playbooks,
        help="Name of a shipped playbook, or path of a playbook file.",
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
    """Where the files of a mode are, or the one file that was named.

    folder  of the mode; None where a file was named.
    """

    mode: Mode
    folder: Path | None
    file: Path | None = None

    def path(self, kind: FileKind) -> Path:
        """The file of a kind."""
        if self.folder is None:
            assert self.file is not None
            return self.file
        return self.folder / f"{kind.word}.db"


class Named(NamedTuple):
    """What the options say of a place."""

    mode: Mode | None = None
    home: Path | None = None
    file: Path | None = None
    config: Path | None = None


def place_of(named: Named) -> Place:
    """The place that options name, and the config where they do not. BadConfig as of the config."""
    from config.engine_words import engine_words
    from config.state_folder import chosen_folder, mode_folder

    if named.file is not None:
        return Place(named.mode or Mode.PAPER, None, named.file)
    if named.home is not None and named.mode is not None:
        # Whoever names both can look there, whatever is wrong with a config that lies about.
        return Place(named.mode, mode_folder(named.home.absolute(), named.mode))
    words = engine_words(config_of(named.config))
    mode = named.mode or words.mode or Mode.PAPER
    home = chosen_folder(words.state_folder) if named.home is None else named.home.absolute()
    return Place(mode, mode_folder(home, mode))


def config_of(option: Path | None) -> Path | None:
    """The config that was named, else the one that `check` finds, else None."""
    from config.config_file import find_config

    return find_config() if option is None else option


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
