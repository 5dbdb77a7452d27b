"""What a replay found as one JSON object for scripts: flat, exact, keys in a fixed order."""

import json
from collections.abc import Sequence

from reporting.json_values import flat
from reporting.replay_summary import ReplaySummary, TradeLine


def replay_json(summary: ReplaySummary, trades: Sequence[TradeLine] | None = None) -> str:
    """One line of ASCII. `trades`, where given, follow under the key `trades_list`.

    Keys are the fields' names, the parts of `money` in the place of `money`. Money, prices and
    quantities are strings of decimals, unrounded and without exponent; times are nanoseconds UTC.
    A number that is not finite is null.
    """
    found = flat(summary)
    if trades is not None:
        found["trades_list"] = [flat(trade) for trade in trades]
    return json.dumps(found, allow_nan=False)
