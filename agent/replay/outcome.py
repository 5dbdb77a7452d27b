"""What a replay hands back, and the shape of the function that runs one."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from agent.replay.request import ReplayRequest
from reporting.plots.data import Pictures
from reporting.replay_summary import ReplaySummary, TradeLine


class ReplayOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One finished replay.

    summary   the numbers of the whole run and of each market.
    trades    every closed trade, in the order of closing.
    pictures  what figures are drawn from, where that was asked for.
    """

    summary: ReplaySummary
    trades: list[TradeLine]
    pictures: Pictures | None = None


# Told about a stage, "loading" or "folding", how much is done and of how much; folding counts
# ticks. A total of 0 means unknown.
Progress: TypeAlias = Callable[[str, int, int], None]

RunReplay: TypeAlias = Callable[[ReplayRequest, Progress], ReplayOutcome]
