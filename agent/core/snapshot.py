"""The whole state of a core as bytes, exact to the bit: what a recorded segment starts from."""

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.errors import BadInput
from domain.events import MarketSet
from domain.orders import Order
from domain.playbooks import Playbook, PlaybookSwitch
from domain.portfolio import PortfolioState
from domain.risk_state import RiskState
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET
from domain.rows.stop import STOP


class MarketState(msgspec.Struct, frozen=True):
    """How a market was set, the playbook that it trades by now, and the switches that hold."""

    set: MarketSet
    playbook: Playbook
    switches: tuple[PlaybookSwitch, ...]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """State after an event. Records are raw bytes, in the layout of this build."""

    epoch: int
    rows: bytes
    accounts: bytes
    stops: bytes
    markets: tuple[MarketState, ...]
    portfolio: PortfolioState
    risk: RiskState
    working: tuple[Order, ...]
    day_start: Decimal


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """For a recording."""
    return _ENCODER.encode(snapshot)


def decode(encoded: bytes) -> Snapshot:
    """BadInput where the bytes are no snapshot, or one of another layout."""
    try:
        found = _DECODER.decode(encoded)
    except msgspec.DecodeError as error:
        raise BadInput(f"not a snapshot of this build: {error}") from error
    for name, raw, layout in (
        ("rows", found.rows, MARKET),
        ("account", found.accounts, ACCOUNT),
        ("stop", found.stops, STOP),
    ):
        if not raw or len(raw) % layout.itemsize:
            size = layout.itemsize
            raise BadInput(f"snapshot: {len(raw)} bytes of {name} are no records of {size} bytes")
    return found


def check_size(rows: Rows, snapshot: Snapshot) -> None:
    """BadInput where a snapshot is of more or fewer markets than a core has rows."""
    markets = len(snapshot.rows) // rows.itemsize
    if markets != len(rows):
        raise BadInput(f"snapshot: {markets} markets do not fit a core of {len(rows)}")


def fill(target: Rows, raw: bytes) -> None:
    """Write the records of a snapshot over those of a core of the same size."""
    target[:] = np.frombuffer(raw, target.dtype)
