"""What an engine serves, and with what: markets of an account, and the files that it keeps."""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from config.settings import Settings
from db.recording.writer import RecordingWriter
from domain.enums import BookSource, Mode, Origin, PriceSource
from domain.events import MarketSet, Reference, market_name
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.ports import Ledger, Telemetry
from domain.units import TsNs


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument that is traded: automatically, and by hand where `by_hand` is a playbook."""

    instrument: Instrument
    playbook: Playbook
    rate: Decimal
    price_source: PriceSource
    book_source: BookSource
    reference: Reference | None = None
    by_hand: Playbook | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Of its rows, in their order."""
        return (Origin.AUTO,) if self.by_hand is None else (Origin.AUTO, Origin.MANUAL)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Which account trades what, by which settings.

    keep_days, max_gb  of recordings: what is older, or too much, is deleted with a new segment.
    """

    settings: Settings
    mode: Mode
    served: tuple[Served, ...]
    keep_days: float = 30.0
    max_gb: float = 20.0

    @property
    def names(self) -> tuple[str, ...]:
        """Of the markets, by row."""
        return tuple(
            market_name(each.instrument.name, origin)
            for each in self.served
            for origin in each.origins
        )

    def sets(self, at_ns: int) -> list[MarketSet]:
        """How its markets are set, row by row."""
        found: list[MarketSet] = []
        for each in self.served:
            for origin in each.origins:
                by_hand = each.by_hand if origin is Origin.MANUAL else None
                found.append(
                    MarketSet(
                        event_ns=TsNs(at_ns),
                        market=len(found),
                        instrument=each.instrument,
                        playbook=each.playbook if by_hand is None else by_hand,
                        price_source=each.price_source,
                        book_source=each.book_source,
                        rate=each.rate,
                        reference=each.reference,
                        origin=origin,
                    )
                )
        return found


class Keeping(NamedTuple):
    """The files of one mode; the recording goes into `folder`."""

    auto: Ledger
    manual: Ledger
    telemetry: Telemetry
    recording: RecordingWriter
    folder: Path
