"""The records of all markets and the account, and who is who in them."""

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Record, Rows
from domain.enums import EntryStyle, OrderKind, Purpose
from domain.errors import Fatal
from domain.events import MarketSet
from domain.instruments import Instrument
from domain.limits import Limits
from domain.parameters import Value
from domain.playbooks import Playbook
from domain.rows.account import ACCOUNT, NEVER_NS
from domain.rows.market import MARKET
from domain.rows.parameters import write_parameters
from domain.rows.stop import STOP
from domain.rows.tick import REFERENCE_SLOT, SLOTS
from domain.units import EXACT, MICRO, ROUNDED, SECOND_NS, Lots, micro
from risk.sizing import entry_lots

_UNLIMITED: Final = NEVER_NS // 4


class MarketFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What orders of a market need to know again and again, looked up once.

    reference_tick      tick of its reference, its own without one.
    value               micro-units of the account currency of one lot on one tick.
    min_notional_micro  smallest order, in the same money.
    """

    name: str
    instrument: Instrument
    playbook: Playbook
    rate: Decimal
    reference_tick: Decimal
    value: float
    taker: float
    min_notional_micro: int
    entry_lots: Lots
    entry_kind: OrderKind
    entry_life_ns: int
    exit_life_ns: int


class MarketBook:
    """Owns MARKET[max_markets], ACCOUNT[1] and STOP[1]; names and facts by the row's index."""

    def __init__(self, start_equity: Decimal, limits: Limits, max_markets: int) -> None:
        self.rows: Rows = np.zeros(max_markets, MARKET)
        self.accounts: Rows = np.zeros(1, ACCOUNT)
        self.stops: Rows = np.zeros(1, STOP)
        self.facts: dict[int, MarketFacts] = {}
        self.rows["timer_ns"] = NEVER_NS
        self.account: Record = self.accounts[0]
        self.stop: Record = self.stops[0]
        self._start_account(start_equity, limits)
        # Views of one field over all markets: the cheapest way to read a field of a row.
        self.note: Rows = self.rows["note"]
        self.features: Rows = self.rows["features"][:, 0]
        self.entry_orders: Rows = self.rows["orders"][:, int(Purpose.ENTRY)]

    def index(self, name: str) -> int:
        """Row of a market that was set. Fatal if it was not."""
        for market, facts in self.facts.items():
            if facts.name == name:
                return market
        known = ", ".join(facts.name for facts in self.facts.values()) or "none"
        raise Fatal(f"no market {name!r} was set; known: {known}")

    def set_market(self, event: MarketSet) -> None:
        """Start a market clean in its row. Fatal if there is no such row or another market's."""
        leading = event.instrument if event.reference is None else event.reference.instrument
        market = event.market
        facts = _facts(event.instrument, event.playbook, event.rate, leading.tick)
        if not 0 <= market < len(self.rows):
            raise Fatal(f"{facts.name} was set in row {market} of {len(self.rows)}")
        if market in self.facts and self.facts[market].name != facts.name:
            raise Fatal(f"row {market} is {self.facts[market].name}, not {facts.name}")
        row = self.rows[market]
        self.facts[market] = facts
        tally = row["tally"].copy()
        self.rows[market : market + 1] = np.zeros(1, MARKET)
        row["tally"] = tally
        row["index"] = market
        row["timer_ns"] = NEVER_NS
        row["price_source"] = event.price_source
        row["book_source"] = event.book_source
        row["subscribed"] = event.subscribed
        row["context_win"][:] = np.nan
        row["context_smc_bias"] = row["context_plan_side"] = np.nan
        _write_instrument(row, facts)
        _write_slots(row, event)
        _write_playbook(row, facts)

    def set_playbook(self, market: int, playbook: Playbook) -> None:
        """Let a market trade by another playbook."""
        old, row = self.facts[market], self.rows[market]
        self.facts[market] = _facts(old.instrument, playbook, old.rate, old.reference_tick)
        _write_playbook(row, self.facts[market])

    def _start_account(self, start_equity: Decimal, limits: Limits) -> None:
        account = self.account
        account["next_timer_ns"] = NEVER_NS
        account["start_equity"] = micro(start_equity)
        account["peak_equity"] = account["start_equity"]
        account["daily_loss_limit"] = _whole(limits.max_daily_loss, MICRO)
        account["trade_loss_limit"] = _whole(limits.max_trade_loss, MICRO)
        account["stale_quote_ns"] = _whole(limits.stale_quote_s, SECOND_NS)


def _write_slots(row: Record, event: MarketSet) -> None:
    """C8: what the ticks of each slot are read with."""
    for slot in range(SLOTS):
        reference = event.reference if slot == REFERENCE_SLOT else None
        source = event if reference is None else reference
        row["slot_set"][slot] = slot != REFERENCE_SLOT or reference is not None
        row["slot_price_source"][slot] = source.price_source
        row["slot_book_source"][slot] = source.book_source
        tick = source.instrument.tick
        row["slot_ticks_per_price"][slot] = float(ROUNDED.divide(Decimal(1), tick))
        row["slot_half_spread"][slot] = source.instrument.half_spread_ticks


def _whole(limit: float | None, units: int) -> int:
    """A limit in whole units. One that limits nothing never acts here: risk opens no position."""
    if limit is None or not np.isfinite(limit) or limit <= 0:
        return _UNLIMITED
    return round(min(limit * units, float(_UNLIMITED)))


def _write_playbook(row: Record, facts: MarketFacts) -> None:
    write_parameters(row["parameters"], facts.playbook, facts.instrument.tick, facts.reference_tick)


def _facts(
    instrument: Instrument, playbook: Playbook, rate: Decimal, reference_tick: Decimal
) -> MarketFacts:
    values = playbook.values
    resting = values["entry.style"] == EntryStyle.RESTING
    return MarketFacts(
        name=instrument.name,
        instrument=instrument,
        playbook=playbook,
        rate=rate,
        reference_tick=reference_tick,
        value=float(EXACT.multiply(instrument.tick_value(rate), Decimal(MICRO))),
        taker=float(instrument.fees.taker),
        min_notional_micro=micro(EXACT.multiply(instrument.min_notional, rate)),
        entry_lots=entry_lots(_number(values, "size.multiple"), instrument.standard_lots),
        entry_kind=OrderKind.RESTING if resting else OrderKind.IOC,
        entry_life_ns=round(_number(values, "entry.resting_life_s") * SECOND_NS),
        exit_life_ns=round(_number(values, "exit.resend_s") * SECOND_NS),
    )


def _number(values: dict[str, Value], path: str) -> float:
    value = values[path]
    assert isinstance(value, int | float)
    return float(value)


def _write_instrument(row: Record, facts: MarketFacts) -> None:
    """C5: constants computed in decimals and rounded to a double once."""
    instrument = facts.instrument
    row["ticks_per_price"] = float(ROUNDED.divide(Decimal(1), instrument.tick))
    row["lots_per_unit"] = float(ROUNDED.divide(Decimal(1), instrument.lot))
    row["value"] = facts.value
    row["maker"] = float(instrument.fees.maker)
    row["taker"] = facts.taker
    row["half_spread"] = instrument.half_spread_ticks
    row["assumed_lots"] = instrument.assumed_lots
    row["shortable"] = int(instrument.shortable)
    row["latency_ns"] = instrument.latency_ms * 1_000_000
