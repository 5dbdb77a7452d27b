"""Rows of the ledgers and of telemetry: what is kept of what was decided and done.

Prices, quantities and money are finite decimals and come back equal; zeros at the end do not
(1.50 comes back as 1.5). Markets are named, never numbered: numbers change from run to run. Texts
that hold JSON are kept as they are. In a real number nan means that there is none.
"""

from decimal import Decimal

import msgspec

from domain.enums import (
    Contract,
    ExitReason,
    Gate,
    OrderKind,
    OrderState,
    Origin,
    OutputKind,
    Purpose,
    Refusal,
    Regime,
    Side,
)
from domain.units import Money, Price, Qty, TsNs


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was decided; on disk before anything is sent.

    client_id   unique in its file: the same row again changes nothing, another one is an error.
    side        of the position it opens or closes.
    spread      of the decision, in price.
    stop        distance of the planned stop in price; 0 for exits.
    reason      why it exits; NONE for entries.
    playbook    empty, like its hash, where no playbook decided.
    refused     risk's code, with the limit, what was found and the setting's key; None: approved.
    """

    client_id: str
    origin: Origin
    market: str
    purpose: Purpose
    kind: OrderKind
    side: Side
    limit: Price
    quantity: Qty
    decided_ns: TsNs
    mid: Decimal
    spread: Decimal
    stop: Decimal
    reason: ExitReason
    addition: bool
    playbook: str
    parameters_hash: str
    refused: Refusal | None = None
    refusal_limit: float = 0.0
    refusal_actual: float = 0.0
    refusal_key: str = ""


class OrderStateRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order whose row is there. Its rank never decreases.

    filled  all of it so far, never more than the order's quantity.
    why     in words where the state does not say it, e.g. "restart".
    """

    client_id: str
    time_ns: TsNs
    state: OrderState
    filled: Qty
    why: str = ""


class FillRow(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an order that traded at one price.

    fill_id  unique in its file: client_id and a number. The same row again changes nothing.
    side     of the position.
    """

    fill_id: str
    client_id: str
    market: str
    time_ns: TsNs
    purpose: Purpose
    side: Side
    price: Price
    quantity: Qty
    maker: bool
    fee: Money


class FundingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of funding, one a market and stamp; an amount below 0 was received."""

    market: str
    time_ns: TsNs
    rate: Decimal
    mark: Price
    amount: Money


class TradeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One way from flat to flat (docs/rules.md, Q2), and what was known when it began.

    features         JSON: the features at the entry's decision.
    mae, mfe         worst and best result at the exit-side quote, from the fill price.
    gross to net     `net == gross - spread_cost - slippage - fees - funding`.
    entry_client_id  of the order whose fill opened it.
    """

    trade_id: str
    market: str
    side: Side
    quantity: Qty
    entry_ns: TsNs
    exit_ns: TsNs
    entry_price: Decimal
    exit_price: Decimal
    reason: ExitReason
    playbook: str
    parameters_hash: str
    regime: Regime
    features: str
    mae: Money
    mfe: Money
    gross: Money
    spread_cost: Money
    slippage: Money
    fees: Money
    funding: Money
    net: Money
    fills: int
    entry_client_id: str


class InstrumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a total needs to know of a market, from this time on.

    rate      converts the settlement currency to the account's.
    currency  of settlement.
    """

    market: str
    time_ns: TsNs
    tick: Decimal
    lot: Decimal
    multiplier: Decimal
    contract: Contract
    rate: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    currency: str


class EquityRow(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one time.

    drawdown  of rule E5: money below the highest equity since a person last resumed, >= 0.
    """

    time_ns: TsNs
    equity: Money
    realised: Money
    unrealised: Money
    drawdown: Money
    open_positions: int


class StateRow(msgspec.Struct, frozen=True, kw_only=True):
    """What must survive a restart, as JSON. The newest of a key counts; older ones are kept."""

    key: str
    value: str
    time_ns: TsNs


class ApprovalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person said yes to something."""

    time_ns: TsNs
    who: str
    what: str
    detail: str


class CommandRow(msgspec.Struct, frozen=True, kw_only=True):
    """A command of an operator; `origin` is where it came from."""

    time_ns: TsNs
    command: str
    detail: str
    origin: str


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One output of the core.

    code       its reason, refusal, frame or state as a word; empty where the kind says it all.
    distances  JSON: how far each gate was from its threshold.
    """

    time_ns: TsNs
    market: str
    decision_seq: int
    kind: OutputKind
    code: str
    side: Side | None
    price: Price | None
    quantity: Qty | None
    distances: str


class RejectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run of ticks on which the same gate said no; `nearest` is how near it came to yes."""

    time_ns: TsNs
    market: str
    gate: Gate
    first_ns: TsNs
    last_ns: TsNs
    count: int
    nearest: float


class HealthRow(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge at one time."""

    time_ns: TsNs
    name: str
    value: float


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the log; `detail` is JSON."""

    time_ns: TsNs
    level: str
    event: str
    detail: str


LedgerRow = (
    OrderRow
    | OrderStateRow
    | FillRow
    | FundingRow
    | TradeRow
    | InstrumentRow
    | EquityRow
    | StateRow
    | ApprovalRow
    | CommandRow
)
TelemetryRow = DecisionRow | RejectionRow | HealthRow | LogRow
Row = LedgerRow | TelemetryRow
