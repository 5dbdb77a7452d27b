"""PARAMETERS: a playbook as the compiled core reads it, resolved for one instrument.

The fields derive from the table in domain/parameters.py.
"""

from decimal import Decimal
from typing import Any, Final

import numpy as np

from domain.distances import Distance
from domain.enums import Gate, GateMode, WhenMissing
from domain.frames import frame_index
from domain.parameters import PARAMETERS as TABLE
from domain.parameters import Kind
from domain.playbooks import Playbook
from domain.units import ROUNDED

DISTANCE: Final = np.dtype(
    [
        ("half_ticks", "f8"),
        ("fraction", "f8"),
        ("atr_multiple", "f8"),
        ("atr_frame", "i8"),
        ("off", "i8"),
    ]
)

_STORED: Final[dict[Kind, Any]] = {
    Kind.INTEGER: "i8",
    Kind.NUMBER: "f8",
    Kind.CHOICE: "i8",
    Kind.FRAME: "i8",
    Kind.DISTANCE: DISTANCE,
    Kind.TIME: "i8",  # minutes since midnight, -1 for off
}

PARAMETERS: Final = np.dtype(
    [
        ("gate_mode", "i8", (len(Gate),)),
        ("gate_when_missing", "i8", (len(Gate),)),
        *[(parameter.field, _STORED[parameter.kind]) for parameter in TABLE],
    ]
)

_OF_REFERENCE: Final = "gates.reference.min_move"  # the one distance that slot 2 resolves (F20)
_ALWAYS_ON: Final = (Gate.HOLD, Gate.PLAN)


def write_parameters(
    record: np.void, playbook: Playbook, tick: Decimal, reference_tick: Decimal
) -> None:
    """Write `playbook` into a PARAMETERS record, for an instrument whose tick is `tick` large.

    reference_tick  that of its reference, whose points are its own (C8).
    """
    for parameter in TABLE:
        value = playbook.values[parameter.path]
        if isinstance(value, Distance):
            of_reference = parameter.path == _OF_REFERENCE
            size = reference_tick if of_reference else tick
            _write_distance(record[parameter.field], value, size)
        else:
            record[parameter.field] = value
    for gate in _ALWAYS_ON:
        record["gate_mode"][gate] = GateMode.ON
        record["gate_when_missing"][gate] = WhenMissing.BLOCK
    for gate, setting in playbook.gates.items():
        record["gate_mode"][gate] = setting.mode
        record["gate_when_missing"][gate] = setting.when_missing


def _write_distance(record: np.void, distance: Distance, tick: Decimal) -> None:
    """C7: computed in decimals, rounded to a double once."""
    points = ROUNDED.divide(distance.pt, tick)
    record["half_ticks"] = float(2 * max(distance.tick, points))
    record["fraction"] = float(ROUNDED.divide(distance.bp, Decimal(10_000)))
    record["atr_multiple"] = float(distance.atr)
    record["atr_frame"] = frame_index(distance.atr_frame)
    record["off"] = int(distance.off)
