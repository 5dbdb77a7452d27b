"""The state of one market and its account as `why` tells it: numbers out of the core's records."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final, Protocol

from agent.core.market_book import MarketBook, MarketFacts
from domain.arrays import Record, Rows
from domain.enums import (
    CommandRefusal,
    ExitReason,
    Mover,
    OutputKind,
    Purpose,
    Refusal,
    Side,
    StateCause,
    TimeGuard,
    TradingState,
)
from domain.instruments import Instrument
from domain.limits import Limits
from domain.locks import ALL
from domain.rows.account import NEVER_NS
from domain.units import MICRO, ROUNDED, SECOND_NS, Lots, Ticks
from reporting.why_summary import (
    Account,
    ExitTold,
    LockTold,
    Plan,
    PlanPart,
    Position,
    Said,
    WorkingOrder,
)
from risk.engine import RiskEngine
from strategies.rules.durations import longest_hold_ns, max_hold_ns, square_off_ns
from strategies.rules.marks import day_result, exit_ticks

_UNTOLD: Final = (OutputKind.REJECTION_RUN, OutputKind.CANDLE_CLOSED)
_UNLIMITED: Final = NEVER_NS // 8  # a limit that limits nothing is far above every real one
_CODES: Final[dict[OutputKind, Callable[[int], str]]] = {
    OutputKind.INTENT: lambda code: ExitReason(code).word,
    OutputKind.REFUSED: lambda code: Refusal(code).word,
    OutputKind.LOCKED: lambda code: Refusal(code).word,
    OutputKind.COMMAND_REFUSED: lambda code: CommandRefusal(code).word,
    OutputKind.STATE_CHANGED: lambda code: TradingState(code).word,
}
# In the order of docs/rules.md, P1; of those that are not off.
_PARTS: Final = (
    "stop", "target", "break_even_trigger", "break_even_offset", "offset_trigger", "offset_gain",
    "lock_trigger", "trail_trigger", "trail_distance", "trail_step", "tight_trigger",
    "tight_distance", "fast_move", "fast_distance", "partial_trigger", "tighten_distance",
    "loss_budget",
)  # fmt: skip
_ONLY_WITH: Final = {
    "break_even_offset": "break_even_trigger",
    "offset_gain": "offset_trigger",
    "trail_distance": "trail_trigger",
    "trail_step": "trail_trigger",
    "tight_distance": "tight_trigger",
    "fast_distance": "fast_move",
}


class Standing(Protocol):
    """A core with its risk engine: of a replay, or of a running engine."""

    @property
    def book(self) -> MarketBook:
        """Its records."""

    @property
    def risk(self) -> RiskEngine:
        """Who answers its orders."""


def account_told(paper: Standing, currency: str, limits: Limits) -> Account:
    """Trading state, the day and what is left of its limits."""
    account = paper.book.account
    day, drawdown = int(day_result(account)), int(account["drawdown"])
    loss_limit, fall_limit = int(account["daily_loss_limit"]), int(account["drawdown_limit"])
    until_ns = int(account["state_until_ns"])
    parts = ("start_equity", "realised", "unrealised")
    return Account(
        currency=currency,
        trading_state=TradingState(int(account["trading_state"])).word,
        cause=StateCause(int(account["state_cause"])).word,
        until_ns=None if until_ns == NEVER_NS else until_ns,
        equity=money(sum(int(account[part]) for part in parts)),
        day_result=money(day),
        daily_loss_limit=_limited(loss_limit, loss_limit),
        daily_loss_left=_limited(loss_limit, loss_limit + day),
        drawdown=money(drawdown),
        drawdown_limit=_limited(fall_limit, fall_limit),
        drawdown_left=_limited(fall_limit, fall_limit - drawdown),
        orders_left=_orders_left(paper, limits),
    )


def position_told(row: Record, facts: MarketFacts) -> Position | None:
    """What the market holds."""
    lots = int(row["position_lots"])
    if lots == 0:
        return None
    instrument = facts.instrument
    target = int(row["target_level"]) if row["plan_target"] > 0 else None
    net = int(row["unrealised"]) - int(row["exit_cost"]) - int(row["position_fees"])
    average = ROUNDED.divide(Decimal(int(row["position_cost"])), Decimal(lots))
    return Position(
        side=Side(int(row["position_side"])).word,
        quantity=instrument.qty(Lots(lots)),
        entry_ns=int(row["position_entry_ns"]),
        entry_price=ROUNDED.multiply(average, instrument.tick),
        stop=_price(instrument, int(row["stop_level"])),
        target=None if target is None else _price(instrument, target),
        mover=Mover(int(row["mover"])).word,
        leaving=leaving(row),
        net=money(net),
    )


def orders_told(row: Record, instrument: Instrument) -> list[WorkingOrder]:
    """What works at the venue, or is on its way there."""
    return [
        WorkingOrder(
            purpose=purpose.word,
            buys=bool(order["direction"] > 0),
            limit=_price(instrument, int(order["limit"])),
            quantity=instrument.qty(Lots(int(order["remaining"]))),
            arrived=bool(order["arrived"] == 1),
            arrival_ns=int(order["arrival_ns"]),
            end_ns=int(order["end_ns"]),
        )
        for purpose in Purpose
        if (order := row["orders"][purpose])["active"] == 1
    ]


def locks_told(paper: Standing, market: str, now_ns: int) -> list[LockTold]:
    """Locks in force on the market or on all."""
    return [
        LockTold(market=lock.market, code=lock.code.word, until_ns=lock.until_ns,
                 limit=lock.numbers[0], actual=lock.numbers[1])
        for lock in paper.risk.locks(now_ns)
        if lock.market in (market, ALL)
    ]  # fmt: skip


def held_until(row: Record, now_ns: int) -> int | None:
    """When the market may enter, or try to leave, again after a refusal; None: now."""
    holds = int(row["exit_hold_until"] if row["position_lots"] > 0 else row["hold_until"])
    stays = row["position_lots"] > 0 and row["exit_reason"] == ExitReason.NONE
    return None if holds <= now_ns or stays else holds


def said_told(outputs: Rows, instrument: Instrument) -> list[Said]:
    """What was said besides rejections and candles."""
    return [_said(out, instrument) for out in outputs if out["kind"] not in _UNTOLD]


def plan_told(row: Record, instrument: Instrument, side: Side, *, in_force: bool) -> Plan:
    """The plan in the row. Levels are those of the position, else from the quote it would take."""
    features = row["features"][0]
    bid, ask = int(features["bid_ticks"]), int(features["ask_ticks"])
    placed = in_force and row["position_lots"] > 0
    entry = ask if side is Side.LONG else bid
    levels = {
        "stop": int(row["stop_level"]) if placed else entry - side * int(row["plan_stop"]),
        "target": int(row["target_level"]) if placed else entry + side * int(row["plan_target"]),
    }
    parts = []
    for name in _PARTS:
        ticks = int(row[f"plan_{name}"])
        if ticks == 0 or row[f"plan_{_ONLY_WITH.get(name, name)}"] == 0:
            continue
        if not _acts(row, name):
            continue
        level = levels.get(name)
        parts.append(
            PlanPart(
                name=name,
                ticks=ticks,
                price=_price(instrument, ticks),
                bps=2e4 * ticks / (bid + ask) if bid + ask > 0 else 0.0,
                level=None if level is None else _price(instrument, level),
            )
        )
    return Plan(in_force=in_force, side=side.word, parts=parts)


def exits_told(row: Record, account: Record, facts: MarketFacts, now_ns: int) -> list[ExitTold]:
    """How far each way out is, nearest rules first (docs/rules.md, E3). Row and account are kept.

    Those that need a price are missing while the book is invalid, those of time by hand.
    """
    found = [
        *(_losses(row, account)),
        *(_levels(row, facts.instrument) if row["features"][0]["book_valid"] == 1 else ()),
    ]
    if row["by_hand"] == 0:
        found += _times(row, now_ns)
    return found


def money(micro_units: int) -> Decimal:
    """Micro-units to money."""
    return ROUNDED.divide(Decimal(micro_units), Decimal(MICRO))


def _losses(row: Record, account: Record) -> Iterator[ExitTold]:
    day, loss_limit = int(day_result(account)), int(account["daily_loss_limit"])
    net = int(row["unrealised"]) - int(row["exit_cost"]) - int(row["position_fees"])
    fall = int(account["drawdown_limit"]) - int(account["drawdown"])
    for reason, limit, left in (
        (ExitReason.DAILY_LOSS, loss_limit, loss_limit + day),
        (ExitReason.DRAWDOWN, int(account["drawdown_limit"]), fall),
        (ExitReason.TRADE_LOSS, int(account["trade_loss_limit"]),
         int(account["trade_loss_limit"]) + net),
    ):  # fmt: skip
        if limit < _UNLIMITED:
            yield ExitTold(reason=reason.word, distance=left / MICRO, unit="money", level=None)


def _levels(row: Record, instrument: Instrument) -> Iterator[ExitTold]:
    side, quote = int(row["position_side"]), int(exit_ticks(row))
    stop, target = int(row["stop_level"]), int(row["target_level"])
    liquidation = int(row["liquidation_level"])
    if liquidation > 0:
        yield _level(ExitReason.LIQUIDATION, side * (quote - liquidation), liquidation, instrument)
    yield _level(_STOPS[Mover(int(row["mover"]))], side * (quote - stop), stop, instrument)
    if row["plan_target"] > 0:
        yield _level(ExitReason.TAKE_PROFIT, side * (target - quote), target, instrument)


_STOPS: Final = {
    Mover.HARD: ExitReason.HARD_STOP,
    Mover.BREAK_EVEN: ExitReason.BREAK_EVEN,
    Mover.TRAIL: ExitReason.TRAILING,
    Mover.OFFSET: ExitReason.OFFSET_STOP,
    Mover.LOCK: ExitReason.PROFIT_LOCK,
    Mover.TIGHT: ExitReason.TIGHT_TRAILING,
    Mover.FAST: ExitReason.FAST_TRAILING,
    Mover.TIME: ExitReason.TIME_STOP,
}


def _level(reason: ExitReason, ticks: int, level: int, instrument: Instrument) -> ExitTold:
    at = _price(instrument, level)
    return ExitTold(reason=reason.word, distance=float(ticks), unit="ticks", level=at)


def _times(row: Record, now_ns: int) -> Iterator[ExitTold]:
    """Rows 9, 11, 12 and 13 of E3."""
    parameters, features = row["parameters"], row["features"][0]
    held_ns = now_ns - int(row["position_entry_ns"])
    guards = parameters["exit_time_guard"] == TimeGuard.LEAVE or held_ns < max_hold_ns(row)
    ends_ns = int(max_hold_ns(row) if guards else longest_hold_ns(row))
    yield _time(ExitReason.TIME_GUARD, ends_ns - held_ns)
    needed = int(parameters["exit_flip_streak"])
    if needed > 0:
        against = features["direction"] == -row["position_side"]
        streak = int(features["streak"]) if against else 0
        flip = ExitReason.MOMENTUM_FLIP.word
        yield ExitTold(reason=flip, distance=float(needed - streak), unit="moves", level=None)
    stall_ns = round(float(parameters["exit_stall_s"]) * SECOND_NS)
    yield _time(ExitReason.DATA_STALL, int(row["last_tick_ns"]) + stall_ns - now_ns)
    if row["session_close_ns"] > 0:
        yield _time(ExitReason.SESSION_END, int(square_off_ns(row)) - now_ns)


def _time(reason: ExitReason, left_ns: int) -> ExitTold:
    return ExitTold(reason=reason.word, distance=left_ns / SECOND_NS, unit="s", level=None)


def leaving(row: Record) -> str:
    """Why it is being left already, or ""."""
    reason = ExitReason(int(row["exit_reason"]))
    return "" if reason is ExitReason.NONE else reason.word


def _acts(row: Record, name: str) -> bool:
    """Whether a distance that has no off can act."""
    if name == "tighten_distance":
        return bool(row["parameters"]["exit_time_guard"] == TimeGuard.TIGHTEN)
    return name != "loss_budget" or bool(row["parameters"]["averaging_mode"] == 2)


def _said(out: Record, instrument: Instrument) -> Said:
    kind = OutputKind(int(out["kind"]))
    priced, lots = int(out["price_ticks"]), int(out["lots"])
    counts = kind not in (OutputKind.STATE_CHANGED, OutputKind.PLAYBOOK_CHANGED)
    code = _CODES[kind](int(out["code"])) if kind in _CODES else ""
    flags = int(out["first_ns"])
    intent = kind is OutputKind.INTENT
    return Said(
        kind=kind.word,
        time_ns=int(out["event_ns"]),
        code="" if intent and code == "none" else code,
        side="" if out["side"] == 0 else Side(int(out["side"])).word,
        price=_price(instrument, priced) if priced > 0 else None,
        quantity=instrument.qty(Lots(lots)) if lots > 0 and counts else None,
        limit=float(out["distances"][0]),
        actual=float(out["distances"][1]),
        exits=(intent and code != "none") or (kind is OutputKind.FILL and bool(flags & 2)),
    )


def _orders_left(paper: Standing, limits: Limits) -> int | None:
    """R8: entries that may still be approved today."""
    if limits.orders_per_day is None or limits.exit_reserve is None:
        return None
    if not abs(limits.orders_per_day) < _UNLIMITED:
        return None
    today = paper.risk.state().approvals.today
    return max(0, int(limits.orders_per_day - limits.exit_reserve) - today)


def _limited(limit: int, value: int) -> Decimal | None:
    return money(value) if limit < _UNLIMITED else None


def _price(instrument: Instrument, ticks: int) -> Decimal:
    return instrument.price(Ticks(ticks))
