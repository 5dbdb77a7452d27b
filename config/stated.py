"""What a service's file and the environment state, and where each value comes from."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic_settings import EnvSettingsSource, SettingsError

from config.problems import KeyPath, Problem
from config.reading import Toml, read_toml
from config.settings import PREFIX, SettingsFile
from config.toml_lines import lines_of

DEFAULT: Final = "default"


class Stated:
    """The file under the environment, merged as pydantic-settings merges; nothing is checked."""

    def __init__(self, path: Path, schema: type[SettingsFile]) -> None:
        """BadConfig where the file cannot be read or is no TOML."""
        self.path = path
        file = read_toml(path, str(path))
        self._lines = lines_of(path.read_text(encoding="utf-8"))
        self._variables = {
            name.upper(): name for name in os.environ if name.upper().startswith(PREFIX)
        }
        self.problems: list[Problem] = []
        self.values: Toml = _merged(file, self._environment(schema))

    def _environment(self, schema: type[SettingsFile]) -> Toml:
        try:
            found = EnvSettingsSource(schema)()
        except SettingsError as error:
            name = f"{PREFIX}{str(error).split(chr(34))[1].upper()}"
            self.problems.append(
                Problem(
                    place=f"environment: {self._variables.get(name, name)}",
                    key="",
                    what="is no JSON; no variable was read",
                    fix="tables and lists are written as JSON in a variable",
                )
            )
            return {}
        if f"{PREFIX}MARKETS" not in self._variables:
            found.pop("markets", None)  # of a variable that names a part of it, and says nothing
        return found

    def place(self, path: KeyPath) -> str:
        """Where to look for what is wrong with a key: a table's place if it is not stated."""
        for depth in range(len(path), 0, -1):
            if found := self._exactly(path[:depth]):
                return found
        return str(self.path)

    def source(self, path: KeyPath) -> str:
        """Where the value of a key comes from; DEFAULT if nothing states it."""
        return self._exactly(path) or DEFAULT

    def _exactly(self, path: KeyPath) -> str | None:
        if variable := self._variable(path):
            return f"environment: {variable}"
        return f"{self.path}:{self._lines[path]}" if path in self._lines else None

    def _variable(self, path: KeyPath) -> str | None:
        for depth in range(len(path), 0, -1):
            name = PREFIX + "__".join(str(part) for part in path[:depth]).upper()
            if name in self._variables and self._states(self._variables[name], path[depth:]):
                return self._variables[name]
        return None

    @staticmethod
    def _states(variable: str, inside: KeyPath) -> bool:
        """Whether the JSON of a variable holds a key."""
        if not inside:
            return True
        with suppress(ValueError, LookupError, TypeError):
            at = json.loads(os.environ[variable])
            for part in inside:
                at = at[part]
            return True
        return False


def _merged(under: Toml, over: Toml) -> Toml:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merged(below, value) if both else value  # type: ignore[arg-type]  # both are
    return merged
