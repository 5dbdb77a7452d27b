"""The records of all markets and the account, and who is who in them."""

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from agent.core.answers import REFUSED_HOLD_NS
from agent.core.snapshot import MarketState, Snapshot, fill
from domain.arrays import Record, Rows
from domain.enums import EntryStyle, OrderKind, Origin, Purpose, SizeMode
from domain.errors import Fatal
from domain.events import MarketSet, market_name
from domain.frames import CHOICE_FRAME
from domain.instruments import Instrument, MarginSchedule
from domain.limits import Limits
from domain.margin import schedule_at
from domain.parameters import Value
from domain.playbooks import Playbook, PlaybookSwitch
from domain.rows.account import ACCOUNT, NEVER_NS
from domain.rows.features import CANDLES, FEATURES
from domain.rows.market import MARKET
from domain.rows.parameters import write_parameters
from domain.rows.stop import STOP
from domain.rows.tick import REFERENCE_SLOT, SLOTS
from domain.units import EXACT, MICRO, ROUNDED, SECOND_NS, Lots, TsNs, micro
from risk.sizing import Sizing, entry_lots

_UNLIMITED: Final = NEVER_NS // 4


class MarketFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What orders of a market need to know again and again, looked up once.

    reference_tick      tick of its reference, its own without one.
    value               micro-units of the account currency of one lot on one tick.
    min_notional_micro  smallest order, in the same money.
    """

    name: str
    origin: Origin
    instrument: Instrument
    playbook: Playbook  # in use now; `switches` are those of the playbook the market was set with
    parameters_hash: str  # of that playbook; it takes long to compute
    set_hash: str  # of the playbook that the market was set with
    switches: tuple[PlaybookSwitch, ...]
    rate: Decimal
    reference_tick: Decimal
    value: float
    inverse: bool
    taker: float
    leverage: float
    min_notional_micro: int
    min_lots: Lots  # the same as lots, of an inverse contract; else 0
    schedule: MarginSchedule | None  # of maintenance margin; None without margin
    sizing: Sizing
    addition_lots: Lots  # A1; `cap_lots` is the largest position that additions may make
    cap_lots: Lots
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
        self.epoch = 0  # of the run; 0 where nothing is kept
        self._sets: dict[int, MarketSet] = {}
        self._siblings: dict[int, tuple[int, ...]] = {}
        self.rows["timer_ns"] = NEVER_NS
        self.account: Record = self.accounts[0]
        self.stop: Record = self.stops[0]
        self._start_account(start_equity, limits)
        # Views of one field over all markets: the cheapest way to read a field of a row.
        self.note: Rows = self.rows["note"]
        self.features: Rows = self.rows["features"][:, 0]
        self.entry_orders: Rows = self.rows["orders"][:, int(Purpose.ENTRY)]

    def find(self, name: str) -> int | None:
        """Row of a market; None if it was not set."""
        for market, facts in self.facts.items():
            if facts.name == name:
                return market
        return None

    def index(self, name: str) -> int:
        """Row of a market that was set. Fatal if it was not."""
        found = self.find(name)
        if found is not None:
            return found
        known = ", ".join(facts.name for facts in self.facts.values()) or "none"
        raise Fatal(f"no market {name!r} was set; known: {known}")

    def set_market(self, event: MarketSet) -> None:
        """Start a market clean in its row. Fatal if there is no such row or another market's."""
        market, margin = event.market, event.instrument.margin
        schedule = None if margin is None else schedule_at(margin, TsNs(int(event.event_ns)))
        leading = event.instrument if event.reference is None else event.reference.instrument
        set_hash = event.playbook.content_hash
        fixed = _Fixed(event.instrument, event.rate, leading.tick, schedule, event.origin, set_hash)
        switches = event.playbook.switches
        facts = _facts(fixed, event.playbook, switches)
        if not 0 <= market < len(self.rows):
            raise Fatal(f"{facts.name} was set in row {market} of {len(self.rows)}")
        if market in self.facts and self.facts[market].name != facts.name:
            raise Fatal(f"row {market} is {self.facts[market].name}, not {facts.name}")
        row = self.rows[market]
        self.facts[market], self._sets[market] = facts, event
        self._siblings = {each: self._others_of(each) for each in self.facts}
        tally, zone_offset_ns = row["tally"].copy(), int(row["zone_offset_ns"])
        self.rows[market : market + 1] = np.zeros(1, MARKET)
        row["tally"] = tally
        row["index"] = market
        row["timer_ns"] = NEVER_NS
        row["by_hand"] = int(event.origin is Origin.MANUAL)
        row["price_source"] = event.price_source
        row["book_source"] = event.book_source
        row["subscribed"] = event.subscribed | (int(bool(switches)) << CHOICE_FRAME)
        row["zone_offset_ns"] = zone_offset_ns
        row["context_win"][:] = np.nan
        row["context_smc_bias"] = row["context_plan_side"] = np.nan
        _write_instrument(row, facts)
        _write_slots(row, event)
        _write_playbook(row, facts)

    def set_playbook(
        self,
        market: int,
        playbook: Playbook,
        switches: tuple[PlaybookSwitch, ...] | None = None,
    ) -> None:
        """Let a market trade by another playbook.

        switches  those that hold from now on; None: the playbook's own, else those from before.
        """
        old, row = self.facts[market], self.rows[market]
        if switches is None:
            switches = playbook.switches or old.switches
        fixed = _Fixed(
            old.instrument, old.rate, old.reference_tick, old.schedule, old.origin, old.set_hash
        )
        self.facts[market] = _facts(fixed, playbook, switches)
        row["subscribed"] |= int(bool(switches)) << CHOICE_FRAME
        _write_playbook(row, self.facts[market])

    def _others_of(self, market: int) -> tuple[int, ...]:
        name = self.facts[market].instrument.name
        return tuple(
            other
            for other, facts in self.facts.items()
            if other != market and facts.instrument.name == name
        )

    def held_elsewhere(self, market: int) -> bool:
        """R2c: another origin has a position in the same instrument."""
        return any(self.rows[other]["position_lots"] > 0 for other in self._siblings[market])

    def works_elsewhere(self, market: int) -> bool:
        """R2c: an order of another origin works in the same instrument."""
        return any(self.rows[other]["orders"]["active"].any() for other in self._siblings[market])

    def end_hold(self, market: int, now_ns: int) -> None:
        """What held a market back may be over: it asks again, unless it does so soon anyway."""
        row = self.rows[market]
        if row["hold_until"] > now_ns + REFUSED_HOLD_NS:
            row["hold_until"] = now_ns

    def end_holds_elsewhere(self, market: int, now_ns: int) -> None:
        """R21: the market is flat, and the other origins of its instrument need not wait."""
        for other in self._siblings[market]:
            self.end_hold(other, now_ns)

    def rows_of(self, instrument: str | None, origin: Origin | None) -> list[int]:
        """Markets of an instrument (None: all) and an origin (None: each), in their order."""
        return [
            market
            for market, facts in sorted(self.facts.items())
            if instrument in (None, facts.instrument.name) and origin in (None, facts.origin)
        ]

    def forget(self, market: int, slot: int) -> None:
        """I7: a slot's features start anew; its book is invalid until a quote, the numbers stay."""
        row = self.rows[market]
        features = row["features"][slot]
        quote = (int(features["bid_ticks"]), int(features["ask_ticks"]))
        row["features"][slot] = np.zeros((), FEATURES)
        row["candles"][slot] = np.zeros((), CANDLES)
        features["bid_ticks"], features["ask_ticks"] = quote

    def chosen(self, market: int) -> Playbook | None:
        """Its playbook, if it is not the one that it was set with."""
        facts = self.facts[market]
        return None if facts.parameters_hash == facts.set_hash else facts.playbook

    def set_hash(self, market: int) -> str:
        """Content hash of the playbook that it was set with."""
        return self.facts[market].set_hash

    def markets(self) -> tuple[MarketState, ...]:
        """How each market was set, and its playbook of now, by row."""
        return tuple(
            MarketState(event, self.facts[market].playbook, self.facts[market].switches)
            for market, event in sorted(self._sets.items())
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot of a book of this size was."""
        for market in snapshot.markets:
            self.set_market(market.set)
            self.set_playbook(market.set.market, market.playbook, market.switches)
        for target, raw in (
            (self.rows, snapshot.rows),
            (self.accounts, snapshot.accounts),
            (self.stops, snapshot.stops),
        ):
            fill(target, raw)
        self.epoch = snapshot.epoch

    def _start_account(self, start_equity: Decimal, limits: Limits) -> None:
        account = self.account
        account["next_timer_ns"] = NEVER_NS
        account["start_equity"] = micro(start_equity)
        account["peak_equity"] = account["start_equity"]
        account["guard_peak"] = account["start_equity"]
        account["state_until_ns"] = NEVER_NS
        account["daily_loss_limit"] = _whole(limits.max_daily_loss, MICRO)
        account["trade_loss_limit"] = _whole(limits.max_trade_loss, MICRO)
        account["drawdown_limit"] = _whole(limits.max_drawdown, MICRO)
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
    row["addition_lots"] = facts.addition_lots
    row["cap_lots"] = facts.cap_lots


class _Fixed(msgspec.Struct, frozen=True):
    """What of a market's facts no change of its playbook touches."""

    instrument: Instrument
    rate: Decimal
    reference_tick: Decimal
    schedule: MarginSchedule | None
    origin: Origin
    set_hash: str


def _facts(fixed: _Fixed, playbook: Playbook, switches: tuple[PlaybookSwitch, ...]) -> MarketFacts:
    instrument, rate, values = fixed.instrument, fixed.rate, playbook.values
    value, taker = _value(instrument, rate), float(instrument.fees.taker)
    resting = values["entry.style"] == EntryStyle.RESTING
    return MarketFacts(
        name=market_name(instrument.name, fixed.origin),
        origin=fixed.origin,
        instrument=instrument,
        playbook=playbook,
        parameters_hash=playbook.content_hash,
        set_hash=fixed.set_hash,
        switches=switches,
        rate=rate,
        reference_tick=fixed.reference_tick,
        value=value,
        inverse=instrument.inverse,
        taker=taker,
        leverage=1.0 if instrument.margin is None else float(instrument.margin.leverage),
        min_notional_micro=micro(EXACT.multiply(instrument.min_notional, rate)),
        min_lots=_min_lots(instrument) if instrument.inverse else Lots(0),
        schedule=fixed.schedule,
        sizing=Sizing(
            mode=SizeMode(int(_number(values, "size.mode"))),
            multiple=_number(values, "size.multiple"),
            risk_fraction=_number(values, "size.risk_fraction"),
            target_volatility_bps=_number(values, "size.target_volatility_bps"),
            max_multiple=_number(values, "size.max_multiple"),
            standard_lots=instrument.standard_lots,
        ),
        addition_lots=entry_lots(_number(values, "averaging.multiple"), instrument.standard_lots),
        cap_lots=entry_lots(_number(values, "averaging.max_multiple"), instrument.standard_lots),
        entry_kind=OrderKind.RESTING if resting else OrderKind.IOC,
        entry_life_ns=round(_number(values, "entry.resting_life_s") * SECOND_NS),
        exit_life_ns=round(_number(values, "exit.resend_s") * SECOND_NS),
    )


def _value(instrument: Instrument, rate: Decimal) -> float:
    """C5, micro-units: of one tick on one lot; of an inverse contract that of a lot at one tick."""
    if not instrument.inverse:
        return float(EXACT.multiply(instrument.tick_value(rate), Decimal(MICRO)))
    lot = EXACT.multiply(EXACT.multiply(instrument.lot, instrument.multiplier), rate)
    return float(ROUNDED.divide(EXACT.multiply(lot, Decimal(MICRO)), instrument.tick))


def _min_lots(instrument: Instrument) -> Lots:
    """Fewest lots of an inverse contract, whose notional in quote currency has no price."""
    lot = EXACT.multiply(instrument.lot, instrument.multiplier)
    return Lots(-int(-instrument.min_notional // lot))


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
    row["inverse"] = int(instrument.inverse)
    row["latency_ns"] = instrument.latency_ms * 1_000_000
