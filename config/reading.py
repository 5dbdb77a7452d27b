"""Reading TOML files: every refusal names the file, the key and what would do."""

import difflib
import tomllib
from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from domain.errors import BadConfig

Toml = dict[str, object]


def read_toml(path: Path | Traversable, source: str) -> Toml:
    """A decoded TOML file. BadConfig where it is missing, unreadable or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadConfig(f"{source}: there is no such file") from error
    except OSError as error:
        raise BadConfig(f"{source}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{source}: is no TOML: not written in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{source}: is no TOML: {error}") from error


def hint(word: str, known: Iterable[str]) -> str:
    """What was probably meant, else everything that is known."""
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1)
    if near:
        return f"did you mean {by_lower[near[0]]!r}?"
    return f"known: {', '.join(sorted(by_lower.values())) or 'none'}"


def refuse_unknown_keys(table: Toml, known: Iterable[str], source: str, section: str = "") -> None:
    """BadConfig at the first key that nothing reads."""
    names = list(known)
    for key in table:
        if key not in names:
            path = f"{section}.{key}" if section else key
            raise BadConfig(f"{source}: unknown key {path!r}; {hint(key, names)}")
