"""`autoscalper check`: what is wrong with a config, and where each of its values comes from."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.cli.errors import ExitCode
from domain.errors import BadUsage

if TYPE_CHECKING:
    from rich.console import Console

    from agent.service.config_check import Checked

CHECK_EXAMPLES: Final = """\b
Examples:
  autoscalper check
  autoscalper check my.toml --resolved
  autoscalper check --json | jq '.problems[].key'
  autoscalper check --schema > autoscalper.schema.json
"""
_SCHEMA_ID: Final = "https://json-schema.org/draft/2020-12/schema"


def check(
    # Hidden from the help's table, which would show its Python type; the text says what it is.
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", hidden=True, show_default=False)
    ] = None,
    *,
    resolved: Annotated[
        bool,
        typer.Option(
            "--resolved",
            help="List every value and where it comes from: file and line, variable or default.",
        ),
    ] = False,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON schema of a config, for editors; no FILE."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a config and say all that is wrong, each with place, key and fix.

    FILE is $AUTOSCALPER_CONFIG where it is not given, else ./autoscalper.toml, else the one in
    your config folder. Settings, playbooks, instruments, references, rates, limits and the state
    folder are looked at; no network is needed. Exit code 4 where the engine could not start.
    """
    from agent.cli.output import plain_in_pipes, print_line

    if schema:
        if file is not None or resolved:
            raise BadUsage("--schema is the same for every file: leave out FILE and --resolved")
        print_line(_schema(), sys.stdout)
        return
    from agent.service.config_check import check_config
    from config.config_file import need_config

    checked = check_config(need_config() if file is None else file)
    if as_json:
        print_line(_json(checked, resolved=resolved), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            _print(console, checked, resolved=resolved)
    if checked.problems:
        raise typer.Exit(ExitCode.CONFIG)


def _schema() -> str:
    from config.engine_settings import EngineFile
    from config.template import comments

    shape = {"$schema": _SCHEMA_ID, **EngineFile.model_json_schema()}
    limits = shape["$defs"]["LimitsSection"]["properties"]
    for name, words in comments().items():
        if name in limits:
            limits[name]["description"] = words
    shape["title"] = "AutoScalper config"
    return json.dumps(shape, indent=2)


def _json(checked: "Checked", *, resolved: bool) -> str:
    from config.resolved import resolved as values_of

    found: dict[str, object] = {
        "file": str(checked.read.stated.path),
        "ok": not checked.problems,
        "problems": [
            {"place": each.place, "key": each.key, "problem": each.what, "fix": each.fix}
            for each in checked.problems
        ],
        "notes": checked.notes,
        "state_folder": None if checked.folder is None else str(checked.folder),
    }
    if resolved:
        found["resolved"] = [
            {"key": each.key, "value": each.value, "source": each.source}
            for each in values_of(checked.read)
        ]
    return json.dumps(found, default=str)


def _print(console: "Console", checked: "Checked", *, resolved: bool) -> None:
    from config.resolved import resolved as values_of
    from reporting.check_text import print_problems, print_resolved, print_usable

    file = str(checked.read.stated.path)
    if checked.problems:
        print_problems(console, file, checked.problems)
    elif checked.settings is not None:
        print_usable(console, file, checked.settings, checked.notes, checked.folder)
    if resolved:
        console.print()
        print_resolved(console, values_of(checked.read))
