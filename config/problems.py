"""What is wrong with a setting: where it stands, which key it is, and what would do."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.reading import hint

KeyPath = tuple[str | int, ...]
Known = Mapping[tuple[str, ...], tuple[str, ...]]

_UNKNOWN_KEY: Final = "extra_forbidden"  # pydantic's names
_MISSING: Final = "missing"
_WORD: Final = "literal_error"
_KINDS: Final = {
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    place  file, with its line where that is known, or "environment: VARIABLE".
    key    path of the setting; places in a list count from 1. "" for a file as a whole.
    """

    place: str
    key: str
    what: str
    fix: str = ""

    @property
    def text(self) -> str:
        """In one line, as an error says it."""
        joint = " " if self.what.startswith(("is unknown", "is missing")) else ": "
        named = f"{self.key}{joint}{self.what}" if self.key else self.what
        return f"{self.place}: {named}; {self.fix}" if self.fix else f"{self.place}: {named}"


def key_of(path: Sequence[str | int]) -> str:
    """How a key is written for people: `markets[1].playbook` is that of the first market."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def flaws(error: ValidationError, before: KeyPath = ()) -> list[tuple[KeyPath, ErrorDetails]]:
    """Each thing that pydantic found, with the path of its key; unknown keys first.

    A misspelt key is often the reason why another is missing.
    """
    found = error.errors(include_url=False)
    ordered = sorted(found, key=lambda each: each["type"] != _UNKNOWN_KEY)
    return [((*before, *each["loc"]), each) for each in ordered]


def what_and_fix(path: KeyPath, flaw: ErrorDetails, known: Known, missing: str) -> tuple[str, str]:
    """A flaw in our words; `missing` is what to do about a key that is not stated."""
    if flaw["type"] == _UNKNOWN_KEY:
        section = tuple(part for part in path[:-1] if isinstance(part, str))
        return "is unknown", hint(str(path[-1]), known.get(section, ()))
    if flaw["type"] == _MISSING:
        return "is missing", missing
    if flaw["type"] == _WORD:
        words = flaw["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{flaw['input']!r} is not known", hint(str(flaw["input"]), words)
    if flaw["type"] in _KINDS:
        return f"must be {_KINDS[flaw['type']]}, not {flaw['input']!r}", ""
    what, _, fix = flaw["msg"].removeprefix("Value error, ").partition("; ")
    return f"{what}, not {flaw['input']!r}", fix
