"""The hash of everything the core said (docs/rules.md, O2).

It covers decisions only: no ids, no durations, no wall time, and the market by its name.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from domain.arrays import Rows
from domain.rows.output import DISTANCES

_NAME_BYTES: Final = 64
_NUMBERS: Final = (
    "event_ns", "decision_seq", "kind", "code", "side", "price_ticks", "lots",
    "mid_half", "last_half", "first_ns", "cause",
)  # fmt: skip
_CANONICAL: Final = np.dtype(
    [
        ("market", f"S{_NAME_BYTES}"),
        *[(name, "<i8") for name in _NUMBERS],
        ("distances", "<f8", (DISTANCES,)),
    ]
)


class DecisionHash:
    """An output sink that hashes; equal outputs give equal digests on every machine.

    names  of the markets by row.
    """

    def __init__(self, names: Sequence[str]) -> None:
        # The last, empty one is at -1, which is the account.
        self._names = np.array([*[name.encode() for name in names], b""], f"S{_NAME_BYTES}")
        self._hash = hashlib.blake2b(digest_size=16)

    def hear(self, outputs: Rows) -> None:
        """Fold a block of outputs."""
        canonical = np.empty(len(outputs), _CANONICAL)
        canonical["market"] = self._names[outputs["market"]]
        for name in _NUMBERS:
            canonical[name] = outputs[name]
        distances = outputs["distances"]
        # One NaN for all, and no negative zero: their bits depend on how they arose.
        canonical["distances"] = np.where(np.isnan(distances), np.nan, distances + 0.0)
        self._hash.update(canonical.tobytes())

    def hexdigest(self) -> str:
        """32 hexadecimal digits of all blocks so far."""
        return self._hash.hexdigest()
