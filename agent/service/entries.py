"""From what the core decided to rows of the ledgers: units become prices, quantities and money.

Nothing is decided here. What a row tells was true when it was made; it is never changed afterwards.
"""

import json
import math
from decimal import Decimal
from typing import Final

import numpy as np

from agent.core.market_book import MarketBook, MarketFacts
from domain.arrays import Record, Rows
from domain.enums import (
    CommandRefusal,
    ExitReason,
    Gate,
    OutputKind,
    Purpose,
    Refusal,
    Side,
    StateCause,
    TradingState,
)
from domain.events import Funding
from domain.ledger import (
    DecisionRow,
    FillRow,
    FundingRow,
    InstrumentRow,
    OrderRow,
    RejectionRow,
    TelemetryRow,
)
from domain.orders import Fill, Order, Refused
from domain.rows.output import DISTANCES
from domain.units import EXACT, SECOND_NS, Lots, Money, Price, Ticks, TsNs
from strategies.features.book import imbalance, spread_bps
from strategies.features.indicators import volatility_bps

_HALF: Final = Decimal("0.5")
_GATES: Final = tuple(gate.word for gate in Gate)
# What the codes of an output's kind are; kinds that are not here have none.
_CODES: Final = {
    OutputKind.REFUSED: Refusal,
    OutputKind.LOCKED: Refusal,
    OutputKind.COMMAND_REFUSED: CommandRefusal,
    OutputKind.STATE_CHANGED: TradingState,
    OutputKind.INTENT: ExitReason,
    OutputKind.ADDITION: ExitReason,
}
_MEASURED: Final = frozenset({OutputKind.REFUSED, OutputKind.LOCKED, OutputKind.FUNDING})


def order_row(facts: MarketFacts, order: Order, refused: Refused | None) -> OrderRow:
    """An order and risk's answer."""
    instrument = facts.instrument
    return OrderRow(
        client_id=order.client_id,
        origin=facts.origin,
        market=facts.name,
        purpose=order.purpose,
        kind=order.kind,
        side=order.side,
        limit=instrument.price(order.limit),
        quantity=instrument.qty(order.lots),
        decided_ns=order.decided_ns,
        mid=half_ticks(facts, order.mid_half),
        spread=instrument.price(Ticks(order.spread)),
        stop=instrument.price(Ticks(order.stop)),
        reason=order.reason,
        addition=order.addition,
        playbook=facts.playbook.name,
        parameters_hash=facts.parameters_hash,
        refused=None if refused is None else refused.code,
        refusal_limit=0.0 if refused is None else refused.limit,
        refusal_actual=0.0 if refused is None else refused.actual,
        refusal_key="" if refused is None else refused.key,
    )


def fill_row(facts: MarketFacts, fill: Fill, number: int, fee: Decimal) -> FillRow:
    """The `number`-th fill of its order, from 1, and what it cost."""
    order, instrument = fill.order, facts.instrument
    return FillRow(
        fill_id=f"{order.client_id}/{number}",
        client_id=order.client_id,
        market=facts.name,
        time_ns=fill.time_ns,
        purpose=order.purpose,
        side=order.side,
        price=instrument.price(fill.price),
        quantity=instrument.qty(fill.lots),
        maker=fill.maker,
        fee=Money(fee),
    )


def funding_row(facts: MarketFacts, event: Funding, mid_half: int, amount: Decimal) -> FundingRow:
    """A payment at a venue's stamp, at its mark or else at the book's mid."""
    mark = half_ticks(facts, mid_half) if event.mark is None else event.mark
    return FundingRow(
        market=facts.name,
        time_ns=event.event_ns,
        rate=event.rate,
        mark=Price(mark),
        amount=Money(amount),
    )


def instrument_row(facts: MarketFacts, now_ns: int) -> InstrumentRow:
    """What a market's quantities and prices are worth."""
    instrument = facts.instrument
    return InstrumentRow(
        market=facts.name,
        time_ns=TsNs(now_ns),
        tick=instrument.tick,
        lot=instrument.lot,
        multiplier=instrument.multiplier,
        contract=instrument.contract,
        rate=facts.rate,
        maker_fee=instrument.fees.maker,
        taker_fee=instrument.fees.taker,
        currency=instrument.settle,
    )


def half_ticks(facts: MarketFacts, halves: int) -> Decimal:
    """A price of half-ticks."""
    return EXACT.multiply(EXACT.multiply(Decimal(halves), _HALF), facts.instrument.tick)


def features_json(row: Record) -> str:
    """What was known when a decision was made; null is what was not ready."""
    features, minute = row["features"][0], row["candles"][0]["frames"][3]
    known = {
        "bid_ticks": int(features["bid_ticks"]),
        "ask_ticks": int(features["ask_ticks"]),
        "spread_bps": float(spread_bps(features)),
        "imbalance": float(imbalance(features)),
        "direction": int(features["direction"]),
        "streak": int(features["streak"]),
        "volatility_bps": float(volatility_bps(features)),
        "minute_candles": int(minute["closed"]),
        "atr_half_ticks": float(minute["atr"]),
        "supertrend": int(minute["bullish"]),
    }
    return json.dumps({name: _number(value) for name, value in known.items()})


def told(book: MarketBook, outputs: Rows) -> list[TelemetryRow]:
    """Rows of a block of outputs; closed candles are not kept."""
    rows: list[TelemetryRow] = []
    for out in outputs[outputs["kind"] != OutputKind.CANDLE_CLOSED]:
        market = int(out["market"])
        facts = book.facts[market] if market >= 0 else None
        name = "" if facts is None else facts.name
        kind = OutputKind(int(out["kind"]))
        if kind is OutputKind.REJECTION_RUN:
            rows.append(_rejection(name, out))
        else:
            rows.append(_decision(facts, name, kind, out))
    return rows


def _rejection(name: str, out: Record) -> RejectionRow:
    first_ns, lasted_s = int(out["first_ns"]), float(out["distances"][1])
    return RejectionRow(
        time_ns=TsNs(int(out["event_ns"])),
        market=name,
        gate=Gate(int(out["code"])),
        first_ns=TsNs(first_ns),
        last_ns=TsNs(first_ns + round(lasted_s * SECOND_NS)),
        count=int(out["lots"]),
        nearest=float(out["distances"][0]),
    )


def _decision(facts: MarketFacts | None, name: str, kind: OutputKind, out: Record) -> DecisionRow:
    traded = facts is not None and out["side"] != 0
    price, lots = int(out["price_ticks"]), int(out["lots"])
    return DecisionRow(
        time_ns=TsNs(int(out["event_ns"])),
        market=name,
        decision_seq=int(out["decision_seq"]),
        kind=kind,
        code=_code(kind, int(out["code"])),
        side=Side(int(out["side"])) if traded else None,
        price=facts.instrument.price(Ticks(price)) if traded and facts else None,
        quantity=facts.instrument.qty(Lots(lots)) if traded and facts and lots >= 0 else None,
        distances=json.dumps(_distances(kind, int(out["code"]), lots, out["distances"])),
    )


def _code(kind: OutputKind, code: int) -> str:
    words = _CODES.get(kind)
    if words is None:
        return str(code) if code else ""
    return "" if words is ExitReason and code == 0 else words(code).word


def _distances(
    kind: OutputKind, code: int, lots: int, distances: np.ndarray
) -> dict[str, float | str | None]:
    """By gate for entries; limit and actual of a refusal or lock; an exit's own; a cause."""
    if kind in _MEASURED:
        first, second = ("rate", "paid") if kind is OutputKind.FUNDING else ("limit", "actual")
        return {first: _number(float(distances[0])), second: _number(float(distances[1]))}
    if kind in (OutputKind.INTENT, OutputKind.ADDITION):
        if code != ExitReason.NONE:
            return {"exit": _number(float(distances[0]))}
        return {
            _GATES[gate]: float(distances[gate])
            for gate in range(DISTANCES)
            if math.isfinite(distances[gate])
        }
    if kind is OutputKind.STATE_CHANGED:
        return {"cause": StateCause(lots).word}
    return {}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def is_entry(order: Order) -> bool:
    """It opens a position or adds to it."""
    return order.purpose is Purpose.ENTRY
