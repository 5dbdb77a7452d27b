"""What a run begins with: the state that the ledgers kept, checked against what they tell.

Start, restart and restart after a crash take this one way. Nothing is written but the number of the
run, and the end of orders that worked on paper when the run before ended.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from agent.service.kept import Kept, whole
from agent.service.served import Keeping, Served
from db.connections import FileSpec
from db.read import Filter, Reader, open_reader
from domain.durable import MarketMemory
from domain.enums import FileKind, OrderState, Origin, Purpose
from domain.errors import BadConfig, Fatal
from domain.events import Event, market_name
from domain.ledger import FillRow, InstrumentRow, OrderStateRow, StateRow
from domain.units import SECOND_NS, Qty, TsNs

EPOCH = "epoch"
WHY = "restart"
AHEAD_S: Final = 300  # that what was kept may be ahead of the wall clock


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """The run's number, and what the run before left; None where there was none."""

    epoch: int
    kept: Kept | None

    @property
    def at_ns(self) -> int:
        """Time of the latest event that was kept; 0 without one."""
        return 0 if self.kept is None else self.kept.newest_ns

    def missed(self, event: Event) -> bool:
        """Whether it is after what the ledger of its market, or of the account, knows of."""
        if self.kept is None:
            return False
        account_ns = self.kept.durable.account.at_ns
        market = getattr(event, "market", None)
        return int(event.event_ns) > self.kept.at_ns.get(market or "", account_ns)

    @property
    def since_ns(self) -> int:
        """Nothing was missed before."""
        kept = self.kept
        return 0 if kept is None else min(kept.durable.account.at_ns, *kept.at_ns.values())


def recover(
    keeping: Keeping, specs: Mapping[FileKind, FileSpec], served: Sequence[Served], now_ns: int
) -> Recovered:
    """Read what was kept, end the orders that worked, and count the run.

    Both ledgers are open for writing and nobody else writes them. BadConfig where an open position
    does not fit the instruments of now, or the wall clock is far behind what was kept; Fatal where
    ledger and state do not agree: then nothing may trade before a person has looked.
    """
    with open_reader(specs[FileKind.AUTO]) as auto, open_reader(specs[FileKind.MANUAL]) as manual:
        kept = whole(_values(auto), _values(manual))
        epoch = 1 + max(_epoch(auto), _epoch(manual))
        open_orders = {Origin.AUTO: auto.open_orders(), Origin.MANUAL: manual.open_orders()}
        if kept is not None:
            _check_time(kept.newest_ns, now_ns)
            for memory in kept.durable.markets:
                reader = auto if memory.origin is Origin.AUTO else manual
                _check_served(memory, served)
                _check_position(reader, memory, served)
        ended = {
            origin: [_ended(reader, client_id, now_ns) for client_id in open_orders[origin]]
            for origin, reader in ((Origin.AUTO, auto), (Origin.MANUAL, manual))
        }
    # The number first: it must be on disk before the first order can bear it.
    # In both files: each holds orders that bear it, and either may be replaced by an older one.
    number = StateRow(key=EPOCH, value=str(epoch), time_ns=TsNs(now_ns))
    keeping.auto.put([number, *ended[Origin.AUTO]])
    keeping.manual.put([number, *ended[Origin.MANUAL]])
    keeping.auto.flush()
    keeping.manual.flush()
    return Recovered(epoch=epoch, kept=kept)


def specs_of(home_spec: FileSpec) -> dict[FileKind, FileSpec]:
    """The files beside one."""
    return {kind: msgspec.structs.replace(home_spec, kind=kind) for kind in FileKind}


def _epoch(reader: Reader) -> int:
    found = reader.state(EPOCH)
    return 0 if found is None else int(found.value)


def _values(reader: Reader) -> dict[str, str]:
    return {key: row.value for key, row in reader.states().items() if key != EPOCH}


def _ended(reader: Reader, client_id: str, now_ns: int) -> OrderStateRow:
    filled = reader.filled(client_id)
    return OrderStateRow(
        client_id=client_id,
        time_ns=TsNs(now_ns),
        state=OrderState.CANCELLED,
        filled=Qty(filled),
        why=WHY,
    )


def _check_time(newest_ns: int, now_ns: int) -> None:
    """A run goes on from the kept time: far ahead of the clock nobody could enter until then."""
    ahead_s = (newest_ns - now_ns) / SECOND_NS
    if ahead_s > AHEAD_S:
        now, kept = (
            datetime.fromtimestamp(each // SECOND_NS, UTC).isoformat()
            for each in (now_ns, newest_ns)
        )
        raise BadConfig(
            f"the wall clock says {now}, and the ledgers were last written at {kept}, "
            f"{ahead_s:.0f} s later: set the clock right; if it is right and was wrong before, "
            f"restore backups of the ledgers from before that, or wait until {kept}"
        )


def _check_served(memory: MarketMemory, served: Sequence[Served]) -> None:
    names = {
        market_name(each.instrument.name, origin) for each in served for origin in each.origins
    }
    if memory.money.open is not None and memory.market not in names:
        raise BadConfig(
            f"{memory.market}: holds a position and is not served any more; serve it until it is "
            "flat"
        )


def _check_position(reader: Reader, memory: MarketMemory, served: Sequence[Served]) -> None:
    """I01: the position is the sum of its fills; and today's instrument still fits an open one."""
    trade = memory.money.open
    held, since_ns = Decimal(0), None
    if trade is not None:
        row = _instrument(reader, memory.market)
        held, since_ns = Decimal(trade.lots) * row.lot, trade.entry_ns
    told = Decimal(0)
    for fill in reader.rows(FillRow, Filter(market=memory.market, since_ns=since_ns)):
        told += fill.quantity if fill.purpose is Purpose.ENTRY else -fill.quantity
    if told != held:
        raise Fatal(
            f"{memory.market}: the kept position is {held:f}, the fills of its trade make "
            f"{told:f}; compare the ledger with a backup before anything trades"
        )
    if trade is None:
        return
    name = memory.market.partition("@")[0]
    for each in served:
        now = each.instrument
        if now.name == name and (now.tick, now.lot, now.multiplier, now.contract, each.rate) != (
            row.tick, row.lot, row.multiplier, row.contract, row.rate,
        ):  # fmt: skip
            raise BadConfig(
                f"{memory.market}: tick, lot, multiplier, contract or rate of the instrument have "
                "changed while a position is open; flatten it with the old ones first"
            )


def _instrument(reader: Reader, market: str) -> InstrumentRow:
    newest: InstrumentRow | None = None
    for row in reader.rows(InstrumentRow, Filter(market=market)):
        newest = row
    if newest is None:
        raise Fatal(f"{market}: a position is open, and nothing tells what its lots are")
    return newest
