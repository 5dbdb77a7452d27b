"""Facts as JSON values: exact decimals as strings, structs as objects, only finite numbers."""

import math
from decimal import Decimal
from typing import TypeAlias

import msgspec

from reporting.replay_summary import Money

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"


def flat(struct: msgspec.Struct) -> dict[str, Json]:
    """A struct's fields by name, the parts of a `Money` in its place."""
    found: dict[str, Json] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Money):
            found |= flat(value)
        else:
            found[name] = plain(value)
    return found


def plain(value: object) -> Json:
    """Decimals unrounded and without exponent; a float that is not finite is null.

    TypeError for what has no place in a report.
    """
    match value:
        case Decimal():
            return format(value.copy_abs() if value == 0 else value, "f")
        case float():
            return value if math.isfinite(value) else None
        case int() | str() | None:
            return value
        case msgspec.Struct():
            return flat(value)
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    raise TypeError(f"a {type(value).__name__} has no place in a report's JSON")
