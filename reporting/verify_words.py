"""What the numbers of an output are called, by its kind (docs/rules.md, O1)."""

import math
from typing import Final

from domain.enums import CommandRefusal, ExitReason, Gate, OutputKind, Refusal, TradingState, Word
from reporting.verify_summary import OutputTold

_CODES: Final[dict[OutputKind, type[Word]]] = {
    OutputKind.INTENT: ExitReason,
    OutputKind.ADDITION: ExitReason,
    OutputKind.REFUSED: Refusal,
    OutputKind.LOCKED: Refusal,
    OutputKind.COMMAND_REFUSED: CommandRefusal,
    OutputKind.REJECTION_RUN: Gate,
    OutputKind.STATE_CHANGED: TradingState,
}
_LIMITED: Final = ("limit", "actual")
_NAMES: Final[dict[OutputKind, tuple[str, ...]]] = {
    OutputKind.REFUSED: _LIMITED,
    OutputKind.LOCKED: _LIMITED,
    OutputKind.REJECTION_RUN: ("nearest", "lasted_s"),
    OutputKind.CANDLE_CLOSED: ("open", "high", "low", "close", "volume"),
    OutputKind.FUNDING: ("rate", "paid"),
}
_GATES: Final = tuple(gate.word for gate in Gate)


def by_gates(told: OutputTold) -> bool:
    """Its distances are those of an entry's gates."""
    entering = told.kind in {OutputKind.INTENT, OutputKind.ADDITION}
    return entering and told.code == ExitReason.NONE


def code_word(told: OutputTold) -> str:
    """What its code says; "" where the kind says it all."""
    words = _CODES.get(OutputKind(told.kind))
    return "" if words is None or by_gates(told) else words(told.code).word


def distances(told: OutputTold | None) -> dict[str, float]:
    """By name, those that were said."""
    if told is None:
        return {}
    names = _NAMES.get(OutputKind(told.kind), _GATES if by_gates(told) else ("distance",))
    named = zip(names, told.distances, strict=False)
    return {name: value for name, value in named if not math.isnan(value)}
