"""A ledger's statistics as one JSON object for scripts: exact, keys in a fixed order."""

import json

from reporting.json_values import flat
from reporting.ledger_summary import LedgerSummary


def summary_json(summary: LedgerSummary) -> str:
    """One line of ASCII. Keys are the fields' names, the parts of `money` in its place.

    Sums are strings of decimals, unrounded; means, shares and ratios are numbers, null where there
    is none; times are nanoseconds UTC.
    """
    return json.dumps(flat(summary), allow_nan=False)
