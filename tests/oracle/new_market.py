"""A market as it starts clean: C5, C6, C8 and the last sentence of F15."""

from decimal import Decimal

import msgspec

from domain.enums import BookSource, Origin, PriceSource
from domain.events import Reference, market_name
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.rows.tick import SLOTS
from oracle.features import REFERENCE, Features
from oracle.numbers import Constants, Settings, constants_of
from oracle.state import Market


class Sources(msgspec.Struct, frozen=True):
    """What is traded, what its data holds, and what its settlement currency is worth."""

    instrument: Instrument
    price_source: PriceSource
    book_source: BookSource
    rate: Decimal
    origin: Origin = Origin.AUTO


def new_market(
    index: int, instrument: str, sources: Sources, playbook: Playbook, reference: Reference | None
) -> Market:
    constants = constants_of(sources.instrument, sources.rate)
    settings = Settings(playbook, constants)
    slots = [
        Features(constants, settings, sources.price_source, sources.book_source, slot)
        for slot in range(SLOTS)
    ]
    if reference is not None:
        slots[REFERENCE] = _slot_of(reference, constants, playbook, sources.rate)
    return Market(
        index,
        market_name(instrument, sources.origin),
        constants,
        settings,
        slots,
        instrument,
        sources.origin,
        reference is not None,
    )


def _slot_of(
    reference: Reference, traded: Constants, playbook: Playbook, rate: Decimal
) -> Features:
    """Constants of its own, but sizes in lots of the traded instrument."""
    own = msgspec.structs.replace(
        constants_of(reference.instrument, rate),
        lots_per_unit=traded.lots_per_unit,
        assumed_size=traded.assumed_size,
    )
    return Features(
        own, Settings(playbook, own), reference.price_source, reference.book_source, REFERENCE
    )
