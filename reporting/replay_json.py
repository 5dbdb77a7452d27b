"""What a replay found as one JSON object for scripts: flat, exact, keys in a fixed order."""

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from reporting.replay_summary import Money, ReplaySummary, TradeLine

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"


def replay_json(summary: ReplaySummary, trades: Sequence[TradeLine] | None = None) -> str:
    """One line of ASCII. `trades`, where given, follow under the key `trades_list`.

    Keys are the fields' names, the parts of `money` in the place of `money`. Money, prices and
    quantities are strings of decimals, unrounded and without exponent; times are nanoseconds UTC.
    A number that is not finite is null.
    """
    found = _flat(summary)
    if trades is not None:
        found["trades_list"] = [_flat(trade) for trade in trades]
    return json.dumps(found, allow_nan=False)


def _flat(struct: msgspec.Struct) -> dict[str, Json]:
    flat: dict[str, Json] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Money):
            flat |= _flat(value)
        else:
            flat[name] = _plain(value)
    return flat


def _plain(value: object) -> Json:
    match value:
        case Decimal():
            return format(value.copy_abs() if value == 0 else value, "f")
        case float():
            return value if math.isfinite(value) else None
        case int() | str():
            return value
        case msgspec.Struct():
            return _flat(value)
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    raise TypeError(f"a {type(value).__name__} has no place in a replay's JSON")
