"""Spells of a script: what a market does for a while because somebody wrote it down.

A script holds a regime, adds a drift or a jump, and widens, thins or slows a market. Nothing is
drawn for it, and a market without one is the same to the bit.
"""

from domain.arrays import Record
from domain.jit import kernel


@kernel
def follow_script(state: Record, market: int) -> None:
    """Begin or end a market's spells as the present step asks for; `spell_jump` is of this step."""
    book, factor = state["books"][market], state["factors"][market]
    now_ns, count, at = state["cell_ns"], state["spell_count"], book["spell_at"]
    book["spell_jump"] = 0.0
    while at < count and (
        state["spells"][at]["market"] < market
        or (state["spells"][at]["market"] == market and state["spells"][at]["end_ns"] <= now_ns)
    ):
        _end(book, factor)
        at += 1
    book["spell_at"] = at
    if at >= count or book["spell_on"] == 1:
        return
    spell = state["spells"][at]
    if spell["market"] == market and spell["start_ns"] <= now_ns:
        _begin(book, factor, spell)


@kernel
def _begin(book: Record, factor: Record, spell: Record) -> None:
    book["spell_on"] = 1
    book["spell_drift"], book["spell_jump"] = spell["drift"], spell["jump"]
    book["spell_spread"], book["spell_depth"] = spell["spread"], spell["depth"]
    book["spell_gap"] = spell["gap"]
    if spell["regime"] >= 0:
        factor["held"] = 1
        factor["regime"] = spell["regime"]
        factor["direction"] = spell["direction"]
        factor["displaced"] = 0.0
        factor["reached"][spell["regime"]] += 1


@kernel
def _end(book: Record, factor: Record) -> None:
    """A held regime goes on, and ends by chance from now on."""
    book["spell_on"] = 0
    book["spell_drift"] = 0.0
    book["spell_spread"] = book["spell_depth"] = book["spell_gap"] = 1.0
    factor["held"] = 0
