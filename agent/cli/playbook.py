"""`autoscalper playbook`: which playbooks there are, what one trades, how two differ."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completion import playbooks
from agent.cli.errors import ExitCode, tell
from domain.errors import BadConfig

if TYPE_CHECKING:
    from domain.playbooks import Playbook

playbook = typer.Typer(
    help="List playbooks, say what one trades, compare two.",
    epilog="\b\nExamples:\n"
    "  autoscalper playbook list\n"
    "  autoscalper playbook show probe\n"
    "  autoscalper playbook diff baseline my-playbook.toml",
    rich_markup_mode=None,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@playbook.command(
    "list",
    epilog="\b\nExamples:\n  autoscalper playbook list\n  autoscalper playbook list --json",
)
def list_all(*, as_json: AsJson = False) -> None:
    """List the shipped playbooks and your own, each with its sentence.

    Your own are the files in the folder that AUTOSCALPER_PLAYBOOKS names.
    """
    from agent.cli.output import plain_in_pipes, print_line
    from config.catalog import list_playbooks, load_playbook
    from reporting.playbook_report import list_json, print_list

    found: list[tuple[str, Playbook]] = []
    refused: list[BadConfig] = []
    for name in list_playbooks():
        try:
            found.append((name, load_playbook(name)))
        except BadConfig as error:
            refused.append(error)
    if as_json:
        print_line(list_json(found), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_list(console, found)
    for each in refused:
        tell(each)
    if refused:
        raise typer.Exit(ExitCode.CONFIG)


@playbook.command(
    epilog="\b\nExamples:\n"
    "  autoscalper playbook show probe\n"
    "  autoscalper playbook show my-playbook.toml --all",
)
def show(
    # Hidden from the help's table, which would show its Python type; the text says what it is.
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", hidden=True, show_default=False, autocompletion=playbooks),
    ],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="List the values that are the defaults as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say in sentences what a playbook trades, and list its values.

    NAME is a playbook's name, or the path of its file. Without --all only the values that differ
    from the defaults are listed.
    """
    from agent.cli.output import plain_in_pipes, print_line
    from config.catalog import load_playbook
    from reporting.playbook_report import playbook_json, print_playbook

    shown = load_playbook(name)
    if as_json:
        print_line(playbook_json(shown, everything=everything), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_playbook(console, shown, everything=everything)


@playbook.command(
    epilog="\b\nExamples:\n"
    "  autoscalper playbook diff baseline probe\n"
    "  autoscalper playbook diff baseline my-playbook.toml --json",
)
def diff(
    first: Annotated[
        str,
        typer.Argument(metavar="A", hidden=True, show_default=False, autocompletion=playbooks),
    ],
    second: Annotated[
        str,
        typer.Argument(metavar="B", hidden=True, show_default=False, autocompletion=playbooks),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """List only what differs between two playbooks, gates' modes included.

    A and B are names of playbooks, or paths of their files.
    """
    from agent.cli.output import plain_in_pipes, print_line
    from config.catalog import load_playbook
    from reporting.playbook_report import differences_json, print_differences

    one, other = load_playbook(first), load_playbook(second)
    if as_json:
        print_line(differences_json(one, other), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_differences(console, one, other)
