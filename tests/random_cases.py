"""Random cases for core and oracle: markets, limits, ticks and events under which all rules act."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.enums import BookSource, Contract, Origin, PriceSource, TickKind
from domain.events import Event, Reference, RunStarted
from domain.instruments import Instrument
from domain.limits import NUMBERS, Limits
from oracle.core import Oracle, OracleLimits
from oracle.events import apply, can_be_told
from oracle_cases import margin, margined
from random_events import Market, by_hand, events_of, gaps, restarts, sessions
from random_playbooks import Table, random_playbook, with_switches
from random_ticks import START_NS, random_ticks
from trading_cases import COIN

# Nothing stands in the way; a case makes some of it small.
OPEN: Final = Limits(
    allow=("*",),
    **{
        **dict.fromkeys(NUMBERS, 1e9),
        "cool_down_s": 0.001, "duplicate_window_ms": 0.001, "exit_reserve": 1.0,
        "stale_quote_s": 5.0, "min_liquidation_stops": 0.001, "loss_streak": 1e6,
        "slippage_orders": 1_000.0, "repeated_window_s": 60.0, "reject_window_s": 60.0,
        "collar_bps": 1_000.0, "hard_collar_bps": 1_000.0,
    },
)  # fmt: skip
INVERSE: Final = msgspec.structs.replace(
    COIN, name="COINM", symbol="COINM", contract=Contract.INVERSE, settle="COIN",
    multiplier=Decimal(10), lot=Decimal(1), min_notional=Decimal("0.05"), assumed_size=Decimal(10),
)  # fmt: skip
COIN_RATE: Final = Decimal(100)
MARGIN: Final = margin("60", ("0", "0.004"), ("50", "0.006"), ("150", "0.01"), fee="0.001")


class Case(msgspec.Struct, frozen=True):
    """Markets of one account, and what happens to them."""

    markets: Sequence[Market]
    ticks: Rows
    events: Sequence[Event]
    limits: Limits = OPEN
    groups: Mapping[str, Sequence[str]] = {}
    protections: Mapping[str, Mapping[str, float]] = {}
    start_equity: Decimal = Decimal(100_000)


def steps(case: Case) -> Iterator[Event | np.void]:
    """Ticks and events in their order: an event before any tick of an equal stamp (I6)."""
    events = sorted(case.events, key=lambda event: event.event_ns)
    place = 0
    for tick in case.ticks:
        while place < len(events) and events[place].event_ns <= int(tick["event_ns"]):
            yield events[place]
            place += 1
        yield tick
    yield from events[place:]


def limits(**changes: Any) -> Limits:  # noqa: ANN401  passed on to the struct
    return msgspec.structs.replace(OPEN, **changes)


def named(name: str, base: Instrument = COIN) -> Instrument:
    return msgspec.structs.replace(base, name=name, symbol=name)


def ticks_of(seed: int, count: int, markets: int, *, reference: bool = False) -> Rows:
    """Those of all markets and of the first one's reference, merged."""
    parts = [random_ticks(seed + m, count, market=m) for m in range(markets)]
    if reference:
        parts.append(random_ticks(seed + 50, count // 2))
        parts[-1]["slot"] = 2
    return np.sort(np.concatenate(parts), order=["event_ns", "market", "slot", "seq"])


# Few at a time: a limit that always refuses hides those after it.
TIGHT: Final[dict[str, dict[str, Any]]] = {
    "a": {
        "max_daily_loss": 3.0, "max_trade_loss": 0.75, "cool_down_s": 1.0,
        "duplicate_window_ms": 700.0, "stale_quote_s": 0.6, "loss_streak": 3.0,
        "loss_streak_pause_s": 5.0, "reject_burst": 3.0, "orders_per_second": 2.0,
    },
    "b": {
        "max_group_notional": 180.0, "max_drawdown": 4.0, "slippage_orders": 4.0,
        "max_slippage_bps": 3.0, "slippage_pause_s": 6.0, "repeated_entries": 3.0,
        "repeated_window_s": 10.0, "max_heat": 1.1,
    },
    "c": {
        "max_gross_notional": 220.0, "trades_per_session": 8.0, "review_after_trades": 12.0,
        "orders_per_day": 270.0, "exit_reserve": 240.0, "loss_streak": 4.0,
        "loss_streak_pause_s": 20.0,
    },
    "d": {
        "collar_spreads": 2.0, "collar_bps": 22.0, "hard_collar_bps": 60.0,
        "max_order_notional": 105.0, "max_position_notional": 120.0, "max_leverage": 0.15,
        "reject_burst": 6.0,
    },
    "e": {"allow": ("COIN", "OTHER"), "max_open_positions": 1.0, "max_heat": 0.9},
    "f": {"max_trade_loss": 0.6, "max_heat": 0.7, "max_drawdown": 6.0},
}  # fmt: skip
PROTECTIONS: Final = {
    "cooldown_period": {"stop_duration_s": 1.5},
    "stoploss_guard": {
        "lookback_s": 60.0, "trade_limit": 4, "required_profit": 0.0, "only_per_pair": False,
        "stop_duration_s": 8.0,
    },
    "max_drawdown": {
        "lookback_s": 90.0, "trade_limit": 5, "max_allowed_drawdown": 0.00001,
        "stop_duration_s": 6.0,
    },
    "low_profit_pairs": {
        "lookback_s": 120.0, "trade_limit": 4, "required_profit": -0.002, "stop_duration_s": 9.0,
    },
}  # fmt: skip
GROUPS: Final = {"coins": ("COIN*",), "all": ("*",)}


# Risk finds what these gates would have found before.
BLIND: Final[dict[str, Table]] = {
    f"gates.{gate}": {"mode": "off"} for gate in ("side", "session", "trading_state")
}


def many_markets(seed: int, bound: str, count: int = 3_000) -> Case:
    """Three markets, the first with a reference and switches, the last inverse."""
    reference = Reference(
        instrument=msgspec.structs.replace(named("INDEX"), tick=COIN.tick / 2),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
    )
    blind = BLIND if bound in "ef" else {}
    lame = msgspec.structs.replace(
        named("OTHER"), shortable=bound != "e", min_notional=Decimal(80 if bound == "e" else 5)
    )
    markets = [
        Market(COIN, with_switches(seed), reference=reference, subscribed=0b1001),
        Market(lame, random_playbook(seed + 20, blind)),
        Market(INVERSE, with_switches(seed + 30, blind), rate=COIN_RATE),
    ]
    ticks = ticks_of(seed, count, len(markets), reference=True)
    events = events_of(seed, ticks, markets)
    if seed % 2 or blind:
        events += sessions("OTHER", ticks)
    by_pair = {**PROTECTIONS["stoploss_guard"], "only_per_pair": True}
    guards = {**PROTECTIONS, "stoploss_guard": by_pair} if seed % 3 == 0 else PROTECTIONS
    return Case(
        markets, ticks, events, limits(**TIGHT[bound]), GROUPS, guards if seed % 2 else {},
        Decimal(190 if bound == "f" else 1_000),
    )  # fmt: skip


SMALL: Final[dict[str, Table]] = {"size": {"risk_fraction": 0.00001}}  # of much equity


def wide_open(seed: int, count: int = 8_000) -> Case:
    """One market and no limit that binds."""
    market = Market(COIN if seed % 2 else INVERSE, random_playbook(seed, SMALL), subscribed=0b111)
    if not seed % 2:
        market = msgspec.structs.replace(market, rate=COIN_RATE)
    ticks = ticks_of(seed, count, 1)
    return Case([market], ticks, events_of(seed, ticks, [market]))


FAR: Final[Table] = {
    "stop": "60tick", "target": "off", "max_hold_s": 900.0, "time_guard": "leave", "stall_s": 90.0,
    "flip": "off", "flip_streak": 0, "trail_trigger": "off", "tight_trigger": "off",
    "break_even_trigger": "off", "offset_trigger": "off", "lock_trigger": "off",
    "period_1_from": "off", "period_2_from": "off", "period_3_from": "off",
}  # fmt: skip


def leveraged(seed: int, count: int = 6_000, **bound: Any) -> Case:  # noqa: ANN401
    """Stops beyond the liquidation: linear and inverse."""
    changes = {"exit": FAR, "averaging": {"mode": "loss_budget", "loss_budget": "9tick"}}
    rules = random_playbook(seed, changes)
    markets = [
        Market(margined(COIN, MARGIN), rules),
        Market(margined(INVERSE, margin("50", ("0", "0.004"), ("0.6", "0.008"))), rules,
               rate=COIN_RATE),
    ]  # fmt: skip
    ticks = ticks_of(seed, count, 2)
    return Case(
        markets, ticks, events_of(seed, ticks, markets), limits(**bound),
        start_equity=Decimal(1_000),
    )  # fmt: skip


def only_quotes(seed: int, count: int = 5_000) -> Case:
    """Priced by the mid."""
    ticks = random_ticks(seed, count)
    ticks = ticks[ticks["kind"] != TickKind.TRADE]
    market = Market(COIN, with_switches(seed), PriceSource.MID)
    return Case([market], ticks, events_of(seed, ticks, [market]))


def for_all_rows(ticks: Rows, rows: Mapping[int, int]) -> Rows:
    """Each tick of a market once more, right behind it, for the one by hand beside it (H1)."""
    times = np.isin(ticks["market"], list(rows)).astype(np.int64) + 1
    doubled = np.repeat(ticks, times)
    again = np.zeros(len(doubled), np.bool_)
    again[np.cumsum(times)[times == 2] - 1] = True
    doubled["market"][again] = [rows[int(row)] for row in doubled["market"][again]]
    return doubled


# What a market by hand does not know, and must leave alone.
TEMPTING: Final[dict[str, Table]] = {
    "averaging": {"mode": "loss_budget", "loss_budget": "9tick", "interval_s": 0.1},
    "exit": {
        "max_hold_s": 2.0, "time_guard": "tighten", "stall_s": 2.0, "flip": "on", "flip_streak": 1,
        "partial_trigger": "1tick", "trail_trigger": "1tick",
    },
}  # fmt: skip
NEEDS_ATR: Final[dict[str, Table]] = {
    "exit": {"limit_offset": "1atr:1s"}, "entry": {"limit_offset": "1atr:1s"},
}  # fmt: skip


def with_hands(seed: int, bound: str | None = None, count: int = 3_000, runs: int = 0) -> Case:
    """Two automatic markets, each with one by hand beside it; lost ticks, and runs that begin."""
    reference = Reference(
        instrument=named("INDEX"), price_source=PriceSource.TRADES, book_source=BookSource.QUOTES
    )
    leveraged_coin = margined(COIN, MARGIN) if seed % 2 else COIN
    atr = NEEDS_ATR if seed % 3 == 0 else {}
    by_person = {**TEMPTING, **{key: {**TEMPTING.get(key, {}), **atr[key]} for key in atr}}
    markets = [
        Market(leveraged_coin, with_switches(seed, atr), reference=reference, subscribed=0b1001),
        Market(INVERSE, random_playbook(seed + 30, atr), rate=COIN_RATE),
        Market(leveraged_coin, random_playbook(seed + 60, by_person), origin=Origin.MANUAL),
        Market(INVERSE, with_switches(seed + 90, by_person), rate=COIN_RATE, origin=Origin.MANUAL),
    ]
    ticks = for_all_rows(ticks_of(seed, count, 2, reference=True), {0: 2, 1: 3})
    events = by_hand(seed, ticks, markets) + gaps(seed, ticks, markets)
    ticks, started = restarts(seed, ticks, runs)
    if seed % 2:
        events += sessions("COINM", ticks) + sessions("COINM@manual", ticks)
    small = limits() if bound is None else limits(**TIGHT[bound])
    return Case(
        markets, ticks, [*events, *started, *events_of(seed, ticks, markets, 40)], small,
        {"coin": ("COIN",), **GROUPS},
        PROTECTIONS if seed % 2 else {}, Decimal(1_000),
    )  # fmt: skip


CASES: Final[dict[str, Callable[[], Case]]] = {
    **{f"many-{seed}-{bound}": partial(many_markets, seed, bound)
       for seed, bound in zip(range(1_000, 1_018), "abcdefabcdefabcdef", strict=True)},
    **{f"many-{seed}-{bound}": partial(many_markets, seed, bound)  # what those never reach
       for seed, bound in ((1_025, "b"), (1_029, "f"), (1_044, "c"), (1_059, "f"))},
    **{f"wide-{seed}": partial(wide_open, seed) for seed in range(2_000, 2_006)},
    "leveraged-3000": partial(leveraged, 3_000),
    "leveraged-3001": partial(leveraged, 3_001, min_liquidation_stops=0.24),
    "leveraged-3002": partial(leveraged, 3_002),
    **{f"quotes-{seed}": partial(only_quotes, seed) for seed in (4_000, 4_001)},
    **{f"hands-{seed}-{bound}": partial(with_hands, seed, bound)
       for seed, bound in zip(range(5_000, 5_007), (None, None, *"abcde"), strict=True)},
    **{f"runs-{seed}-{bound}": partial(with_hands, seed, bound, runs=4)
       for seed, bound in zip(range(6_000, 6_008), (None, None, *"abcdaf"), strict=True)},
}  # fmt: skip


def new_oracle(case: Case, start_ns: int = START_NS) -> Oracle:
    """The oracle of a case, its markets set."""
    bound = OracleLimits(**msgspec.structs.asdict(case.limits))
    made = Oracle(case.start_equity, bound, case.groups, case.protections)
    for market in case.markets:
        made.set_market(
            market.instrument.name,
            market.instrument,
            market.playbook,
            market.price_source,
            market.book_source,
            market.rate,
            market.reference,
            market.subscribed,
            start_ns=start_ns,
            origin=market.origin,
        )
    return made


def told(case: Case, made: Oracle, event: Event) -> Oracle:
    """The oracle that goes on after an event: a fresh one where a run starts (I8)."""
    if isinstance(event, RunStarted):
        fresh = new_oracle(case, int(event.event_ns))
        fresh.outputs.extend(made.outputs)
        fresh.first_blocking.extend(made.first_blocking)
        fresh.start_run(int(event.event_ns), made)
        return fresh
    if can_be_told(made, event):
        apply(made, event)
    return made
