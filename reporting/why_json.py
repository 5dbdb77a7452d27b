"""Why a market did what it did, as one JSON object for scripts."""

import json

from reporting.json_values import flat
from reporting.why_summary import WhySummary


def why_json(summary: WhySummary) -> str:
    """One line of ASCII; keys are the fields' names, decimals strings, times nanoseconds UTC.

    A number that is not finite is null: a distance of nothing that ever happened, for one.
    """
    return json.dumps(flat(summary), allow_nan=False)
