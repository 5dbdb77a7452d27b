"""Every value that the service would run with, and where it comes from."""

from collections.abc import Iterator, Mapping

import msgspec
from pydantic import BaseModel

from config.engine_settings import Read
from config.problems import KeyPath, key_of
from config.stated import DEFAULT


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """One value; None is one that is not stated and has no default.

    source  file with line, "environment: VARIABLE" or "default".
    """

    key: str
    value: object
    source: str


def resolved(read: Read) -> list[Resolved]:
    """Every value of the sections that can be used, in the order of the schema."""
    sections = read.sections
    found: list[Resolved] = []
    for name in sections.__struct_fields__:
        value = getattr(sections, name)
        if value is not None:
            # A market's place is that in the file, also where one before it cannot be used.
            found += _leaves(read, (name,), dict(value) if name == "markets" else value)
    return found


def _leaves(read: Read, path: KeyPath, value: object) -> Iterator[Resolved]:
    if isinstance(value, BaseModel):
        inner: Mapping[str | int, object] = dict(value)
    elif isinstance(value, Mapping):
        inner = value
    else:
        yield Resolved(key=key_of(path), value=value, source=_source(read, path))
        return
    for name, each in inner.items():
        yield from _leaves(read, (*path, name), each)


def _source(read: Read, path: KeyPath) -> str:
    found = read.stated.source(path)
    if found != DEFAULT or not isinstance(path[-1], str):
        return found
    # Currencies under [account.rates] may be written in any case.
    return read.stated.source((*path[:-1], path[-1].lower()))
