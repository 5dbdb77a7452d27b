"""What is wrong with a command line, in this program's own words: cause and fix.

Typer's sentences name the cause alone, and for some faults not even the verb that was called.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

import typer


class Called(NamedTuple):
    """The command that a command line got to, and the words that call it."""

    path: str
    command: object  # of typer, which names no type for it

    @property
    def verbs(self) -> list[str]:
        """What may follow it."""
        return list(getattr(self.command, "commands", ()))


def called_by(command: object, arguments: Sequence[str], name: str) -> Called:
    """Follow the verbs of a command line as far as they are known."""
    words = [name]
    for word in arguments:
        inner = getattr(command, "commands", {})
        if word in inner:
            command = inner[word]
            words.append(word)
        elif not word.startswith("-"):
            break
    return Called(" ".join(words), command)


def usage_words(error: typer.TyperException, called: Called) -> str:
    """One sentence: what is wrong, and what would do."""
    # Only unknown options carry `possibilities`; for unknown verbs typer adds the same sentence.
    if similar := getattr(error, "possibilities", None):
        meant = ", ".join(repr(each) for each in similar)
        return f"{error.message}. Did you mean {meant}?"
    message = error.format_message()
    for sentence, words in _OURS:
        if found := sentence.fullmatch(message):
            return words(found.group(1), called)
    return message


def _missing(argument: str, called: Called) -> str:
    return f"Missing argument {argument}; give it after `{called.path}`, as the help's examples do"


def _no_verb(_: str, called: Called) -> str:
    return f"A verb is missing after `{called.path}`; give one of {', '.join(called.verbs)}"


def _unknown_verb(verb: str, called: Called) -> str:
    return f"No such command {verb}; give one of {', '.join(called.verbs)}"


def _unknown_option(option: str, called: Called) -> str:
    return f"No such option: {option}; give one of {', '.join(_options(called))}"


def _no_value(option: str, called: Called) -> str:
    value = next((each.metavar for each in _parameters(called) if option in each.opts), None)
    return f"'{option}' lacks its value; write {option} {value or 'VALUE'}"


def _useless_value(option: str, _: Called) -> str:
    return f"'{option}' takes no value; write {option} alone"


def _too_many(words: str, called: Called) -> str:
    return f"{words!r} is more than `{called.path}` takes; leave it out"


class _Parameter(Protocol):
    opts: list[str]
    metavar: str | None


def _parameters(called: Called) -> "Sequence[_Parameter]":
    found: Sequence[_Parameter] = getattr(called.command, "params", ())
    return found


def _options(called: Called) -> Iterator[str]:
    for each in _parameters(called):
        yield from (name for name in each.opts if name.startswith("--"))
    yield "--help"


_OURS: Final[tuple[tuple[re.Pattern[str], Callable[[str, Called], str]], ...]] = (
    (re.compile(r"Missing argument ('.+')\."), _missing),
    (re.compile(r"(Missing command)\."), _no_verb),
    (re.compile(r"No such command ('.+')\."), _unknown_verb),
    (re.compile(r"No such option: (.+)"), _unknown_option),
    (re.compile(r"Option '(.+)' requires an argument\."), _no_value),
    (re.compile(r"Option '(.+)' does not take a value\."), _useless_value),
    (re.compile(r"Got unexpected extra argument\(s\) \((.+)\)"), _too_many),
)
