"""Random cases in a market that is its own mirror image, and their reflection.

A price of p ticks becomes MIRROR - p: bid and ask, their sizes, buyers and sellers change places,
and so does what the context of others says of them. Prices and sizes are binary fractions here, so
that reflecting them, and sums of them, round nothing.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.distances import Distance
from domain.enums import AllowedSides, BookSource, PriceSource, Regime, TickKind, TradingState
from domain.events import Command, ContextSet, Event, Funding, ParameterSet, Reference
from domain.instruments import Fees
from domain.playbooks import Playbook, PlaybookSwitch
from domain.rows.tick import REFERENCE_SLOT, TICK
from domain.units import SECOND_NS, TsNs
from random_cases import PROTECTIONS, Case, limits, named
from random_events import Market, events_of, sessions
from random_playbooks import Table, random_playbook
from random_ticks import START_NS, START_TICKS, random_ticks
from trading_cases import COIN

TICK_SIZE: Final = 0.5
LOT_SIZE: Final = 0.25
LEVEL: Final = 30_000  # ticks; far from 1 tick, and no collar is ever near
MIRROR: Final = 80_007  # ticks
PRELUDE_S: Final = 60

COINS: Final = msgspec.structs.replace(
    COIN, tick=Decimal(str(TICK_SIZE)), lot=Decimal(str(LOT_SIZE)), multiplier=Decimal("0.08"),
    standard_lots=9, assumed_half_spread=Decimal(str(TICK_SIZE)),
    fees=Fees(maker=Decimal(0), taker=Decimal(0)),
)  # fmt: skip
INDEX: Final = Reference(
    instrument=msgspec.structs.replace(named("INDEX", COINS), tick=COINS.tick / 2),
    price_source=PriceSource.TRADES,
    book_source=BookSource.QUOTES,
)

# Displayed lots. Thin: an entry of 9 lots takes one or two steps of the ladder, and no average of
# it and additions of 4 lies halfway between two ticks. Deep: no order needs a second step.
THIN: Final = (5.0, 5.5, 6.0, 7.0, 7.5, 9.0, 12.0, 20.0)
DEEP: Final = (14.0, 15.5, 18.0, 25.0, 40.0)
TRADED: Final = (0.5, 1.0, 2.5, 4.0, 9.0, 30.0)

# Nothing here knows the price: money of no fees, times, and numbers of orders and trades.
BOUNDS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {},
    {
        "max_daily_loss": 1.5, "max_trade_loss": 0.5, "cool_down_s": 1.0,
        "duplicate_window_ms": 700.0, "stale_quote_s": 0.6, "loss_streak": 3.0,
        "loss_streak_pause_s": 5.0, "reject_burst": 3.0, "orders_per_second": 2.0,
    },
    {
        "max_drawdown": 3.0, "max_trade_loss": 0.4, "repeated_entries": 3.0,
        "repeated_window_s": 10.0, "trades_per_session": 12.0,
    },
    {"max_heat": 0.5, "review_after_trades": 20.0, "orders_per_day": 300.0, "exit_reserve": 240.0},
)  # fmt: skip
GUARDS: Final = {name: PROTECTIONS[name] for name in ("cooldown_period", "stoploss_guard")}
OPPOSITE: Final[Mapping[object, AllowedSides]] = {
    side: AllowedSides(-side) for side in AllowedSides
}


def mirrored_price(price: Any) -> Any:  # noqa: ANN401  a number or an array of them
    """The reflection of a price in price units."""
    return MIRROR * TICK_SIZE - price


def mirrored(case: Case) -> Case:
    """The case in the mirror: what one may buy in the one may be sold in the other."""
    return msgspec.structs.replace(
        case,
        markets=[
            msgspec.structs.replace(market, playbook=_mirrored_playbook(market.playbook))
            for market in case.markets
        ],
        ticks=_mirrored_ticks(case.ticks),
        events=[_mirrored_event(event) for event in case.events],
    )


def _mirrored_ticks(ticks: Rows) -> Rows:
    found = ticks.copy()
    found["price"] = mirrored_price(ticks["price"])
    found["bid"], found["ask"] = mirrored_price(ticks["ask"]), mirrored_price(ticks["bid"])
    found["bid_size"], found["ask_size"] = ticks["ask_size"], ticks["bid_size"]
    found["side"] = -ticks["side"]
    return found


def _mirrored_event(event: Event) -> Event:
    if not isinstance(event, ContextSet):
        return event
    return msgspec.structs.replace(
        event,
        smc_bias=-event.smc_bias,
        plan_side=-event.plan_side,
        win_long=event.win_short,
        win_short=event.win_long,
    )


def _mirrored_playbook(rules: Playbook) -> Playbook:
    sides = OPPOSITE[rules.values["entry.sides"]]
    return msgspec.structs.replace(
        rules,
        values={**rules.values, "entry.sides": sides},
        switches=tuple(
            msgspec.structs.replace(switch, playbook=_mirrored_playbook(switch.playbook))
            for switch in rules.switches
        ),
    )


def mirror_case(seed: int, count: int = 3_000) -> Case:
    """One market that may be sold, by chance with a reference, sessions, switches and limits."""
    rng = np.random.default_rng(seed)
    thin = bool(rng.random() < 0.5)
    sizes = THIN if thin else DEEP
    instrument = msgspec.structs.replace(
        COINS, assumed_size=Decimal(str((5 if thin else 20) * LOT_SIZE))
    )
    price_source, book_source, without = _SOURCES[int(rng.integers(len(_SOURCES)))]
    body = random_ticks(seed, count, start_ns=START_NS + (PRELUDE_S + 1) * SECOND_NS)
    own = np.concatenate([_prelude(), _on_grid(rng, body, sizes)])
    market = Market(
        instrument, _playbook(rng, seed, thin=thin), price_source, book_source,
        INDEX if rng.random() < 0.7 else None, subscribed=0b1111,
    )  # fmt: skip
    parts = [own[own["kind"] != without]]
    if market.reference is not None:
        parts.append(_leading(rng, seed, count))
    ticks = np.sort(np.concatenate(parts), order=["event_ns", "slot", "seq"])
    return Case(
        [market], ticks, _events(rng, seed, body, market),
        limits(**BOUNDS[int(rng.integers(len(BOUNDS)))]),
        protections=GUARDS if rng.random() < 0.2 else {}, start_equity=Decimal(20_000),
    )  # fmt: skip


# What a market's price and book come from, and the kind of tick that it has not.
_SOURCES: Final = (
    (PriceSource.TRADES, BookSource.QUOTES, TickKind.CLOCK),
    (PriceSource.TRADES, BookSource.QUOTES, TickKind.CLOCK),
    (PriceSource.MID, BookSource.QUOTES, TickKind.TRADE),
    (PriceSource.TRADES, BookSource.ASSUMED, TickKind.QUOTE),
)


def _prelude() -> Rows:
    """A minute that rises by half a tick every quarter of a second, and once by a whole one.

    Nothing is traded in it. It gives the price a direction (before that every candidate is LONG,
    section 3) and each Supertrend a first close that is not the middle of its candle (F19). As
    candles of 1 s reach 41 and those of 5 s 201 half-ticks in ten of them, which have no divisor
    in common with 10, no later close lies on a band of three times their average either.
    """
    count = 4 * PRELUDE_S
    rise = np.arange(count)
    half = 2 * LEVEL - count + rise + (rise >= 4 * 7 + 2)
    ticks = np.zeros(2 * count, TICK)
    at_ns = START_NS + np.repeat(rise, 2) * (SECOND_NS // 4)
    ticks["event_ns"], ticks["ts_ns"], ticks["recv_ns"] = at_ns, at_ns, at_ns
    ticks["seq"] = np.arange(2 * count) - 2 * count
    for name in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        ticks[name] = np.nan
    quotes, trades = ticks[0::2], ticks[1::2]
    quotes["kind"], trades["kind"] = TickKind.QUOTE, TickKind.TRADE
    quotes["bid"] = (half - 1) // 2 * TICK_SIZE
    quotes["ask"] = (half - (half - 1) // 2) * TICK_SIZE
    trades["price"], trades["size"] = half / 2 * TICK_SIZE, LOT_SIZE
    return ticks


def _on_grid(rng: np.random.Generator, ticks: Rows, sizes: Sequence[float]) -> Rows:
    """The ticks on binary prices and sizes; some trades and quotes half a tick off."""
    found, count = ticks.copy(), len(ticks)
    for name in ("price", "bid", "ask"):
        whole = np.rint(ticks[name] / float(COIN.tick)) - START_TICKS + LEVEL
        found[name] = whole * TICK_SIZE
    found["price"] += rng.choice([0, 0, 0, -0.5, 0.5], count) * TICK_SIZE
    found["bid"] -= rng.choice([0, 0, 0, 0.5], count) * TICK_SIZE
    found["ask"] += rng.choice([0, 0, 0, 0.5], count) * TICK_SIZE
    for name, choice in (("bid_size", sizes), ("ask_size", sizes), ("size", TRADED)):
        found[name] = np.where(np.isnan(ticks[name]), np.nan, rng.choice(choice, count) * LOT_SIZE)
    return found


def _leading(rng: np.random.Generator, seed: int, count: int) -> Rows:
    body = random_ticks(seed + 50, count // 2, start_ns=START_NS + (PRELUDE_S + 1) * SECOND_NS)
    ticks = np.concatenate([_prelude(), _on_grid(rng, body, DEEP)])
    ticks["slot"] = REFERENCE_SLOT
    return ticks


def _events(rng: np.random.Generator, seed: int, body: Rows, market: Market) -> list[Event]:
    """Of every kind but what pays by notional, or would bring in other playbooks."""
    opens = TsNs(START_NS + PRELUDE_S * SECOND_NS)
    found: list[Event] = [
        Command(event_ns=TsNs(START_NS), state=TradingState.REDUCING),
        Command(event_ns=opens, state=TradingState.ACTIVE),
    ]
    by_chance = events_of(seed, body, [market], 25)
    found += [event for event in by_chance if not isinstance(event, Funding | ParameterSet)]
    return found + (sessions(market.instrument.name, body) if rng.random() < 0.3 else [])


def _playbook(rng: np.random.Generator, seed: int, *, thin: bool) -> Playbook:
    start = _plain(rng, seed, thin=thin)
    if rng.random() < 0.5:
        return start
    others = [_plain(rng, seed + 1 + i, thin=thin) for i in range(4)]
    switches = (
        PlaybookSwitch(playbook=others[0], losses_in_a_row=3),
        PlaybookSwitch(playbook=others[1], wins_in_a_row=2, regimes=(Regime.TRENDING,)),
        PlaybookSwitch(playbook=others[2], win_rate_at_most=0.3),
        PlaybookSwitch(playbook=others[3], regimes=(Regime.RANGING,)),
    )
    return msgspec.structs.replace(start, switches=switches)


def _plain(rng: np.random.Generator, seed: int, *, thin: bool) -> Playbook:
    changes: dict[str, Table] = {
        "regime": {"quiet_bps": 0.0, "volatile_bps": 1_000.0},  # by direction alone
        "size": {"risk_fraction": 0.00001, "mode": str(rng.choice(["fixed", "risk"]))},
        "averaging": {"mode": "off"},
        "gates.trading_state": {"mode": "on"},
        "gates.velocity": {"min_bps_per_s": 0.0},
        "gates.expected_move": {"mode": "off"},
        "gates.relative_strength": {"mode": "off"},
        "gates.candle": {"reference": str(rng.choice(["ema9", "previous_close"]))},
        "gates.index_bias": _votes(rng),
        "gates.regime": {"allowed": str(rng.choice(["trending", "not_quiet"]))},
    }
    if thin:
        changes["size"] = {"mode": "fixed", "multiple": 1.0}
        changes["exit"] = {"partial_trigger": "off"}
        mode = str(rng.choice(["off", "profit", "loss_budget"]))
        if mode != "off":
            changes["entry"] = {"style": "marketable"}
            changes["averaging"] = {"mode": mode, "multiple": 0.5}
    rules = random_playbook(seed, changes)
    values = {path: _without_bp(value) for path, value in rules.values.items()}
    return msgspec.structs.replace(rules, values=values)


def _votes(rng: np.random.Generator) -> Table:
    return {
        "source": str(rng.choice(["market", "reference"])),
        "frame": str(rng.choice(["1s", "5s"])),
        "bias": str(rng.choice(["filter", "strong"])),
        "min_score": int(rng.integers(1, 4)),
        "rsi_bull": 53.5,  # of two averages that no short sums of half-ticks make
        "rsi_bear": 46.5,
        "vwap_buffer_bps": 0.0,
    }


def _without_bp(value: Any) -> Any:  # noqa: ANN401  any value of a playbook
    """A share of the price becomes ticks."""
    if not isinstance(value, Distance) or not value.bp:
        return value
    return msgspec.structs.replace(value, bp=Decimal(0), tick=max(value.tick, Decimal(1)))
