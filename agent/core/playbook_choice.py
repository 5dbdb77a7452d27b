"""Which playbook a flat market trades by, where its playbook has switches (docs/rules.md, W1)."""

from collections.abc import Sequence
from typing import Final

from domain.arrays import Record
from domain.playbooks import PlaybookSwitch

RATED_TRADES: Final = 10  # a rate of fewer trades says nothing


def first_switch(switches: Sequence[PlaybookSwitch], row: Record) -> int | None:
    """Index of the first switch all of whose stated conditions hold, or None: nothing changes."""
    for number, switch in enumerate(switches):
        if _holds(switch, row):
            return number
    return None


def _holds(switch: PlaybookSwitch, row: Record) -> bool:
    if switch.regimes and int(row["features"][0]["regime"]) not in switch.regimes:
        return False
    losses, wins = switch.losses_in_a_row, switch.wins_in_a_row
    if losses is not None and row["losses_in_a_row"] < losses:
        return False
    if wins is not None and row["wins_in_a_row"] < wins:
        return False
    least, most = switch.win_rate_at_least, switch.win_rate_at_most
    if least is None and most is None:
        return True
    if row["trades"] < RATED_TRADES:
        return False
    rate = int(row["recent_wins"]).bit_count() / RATED_TRADES
    return (least is None or rate >= least) and (most is None or rate <= most)
