"""On which line of a TOML file each key stands: `tomllib` does not say."""

import tomllib

from config.problems import KeyPath


def lines_of(text: str) -> dict[KeyPath, int]:
    """Line by path, from 1, of every table and key of a valid file; a list's places count from 0.

    What lies inside a value, such as the keys of an inline table, is on the line where it begins.
    """
    found: dict[KeyPath, int] = {}
    header: KeyPath = ()
    lists: dict[KeyPath, int] = {}
    statement, began = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        began = number if not statement else began
        statement += f"{line}\n"
        try:
            read = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a value goes on in the next line
        is_header = statement.lstrip().startswith("[")
        statement = ""
        if is_header:
            header = _header(read, lists)
            found.setdefault(header, began)
        else:
            _mark(found, header, read, began)
    return found


def _header(read: dict[str, object], lists: dict[KeyPath, int]) -> KeyPath:
    """The path of a header; the tables of a list are counted in `lists`."""
    path: KeyPath = ()
    at: object = read
    while isinstance(at, dict) and at:
        ((name, at),) = at.items()
        path = (*path, name)
        if isinstance(at, list):
            lists[path] = lists.get(path, -1) + 1
            return (*path, lists[path])
        if path in lists:
            path = (*path, lists[path])
    return path


def _mark(found: dict[KeyPath, int], before: KeyPath, value: object, line: int) -> None:
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        pairs = list(enumerate(value)) if isinstance(value, list) else []
    for name, inner in pairs:
        path = (*before, name)
        found.setdefault(path, line)
        _mark(found, path, inner, line)
