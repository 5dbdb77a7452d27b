"""What must hold of the files of an engine, read with nothing but sqlite3 and decimals.

Numbers in brackets are those of the invariants that the project checks after each crash.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from agent.replay.paper_core import PaperCore
from agent.replay.refold import core_of
from agent.replay.verify import verify
from agent.service.kept import Kept
from config.settings import load_settings
from db.chain import verify_chain
from db.recording.reader import EndKind, Segment, segments
from domain.durable import Durable, MarketMemory
from domain.enums import Origin
from domain.errors import BadInput
from domain.events import RunStarted
from domain.portfolio import Portfolio
from domain.risk_state import RiskState
from domain.units import micro
from engine_cases import MINT
from trading_cases import COIN

RANKS: Final = {
    "approved": 1, "partly_filled": 2, "refused": 3, "filled": 3, "cancelled": 3, "expired": 3,
}  # fmt: skip
SUMS: Final = ("realised", "day_realised", "unrealised", "exit_cost")
MARKS: Final = (900, 1_000, 1_100)
INSTRUMENTS: Final = {each.name: each for each in (COIN, MINT)}


class Trade(NamedTuple):
    """A trade, as ledger and recording both tell it."""

    market: str
    entry_ns: int
    exit_ns: int
    quantity: Decimal
    net: Decimal


class Ledger:
    """One ledger's tables, as they are."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.row_factory = sqlite3.Row

    def all(self, query: str, *values: object) -> list[Any]:
        return self.connection.execute(query, values).fetchall()

    def rows(self) -> int:
        """Of all batches."""
        return int(self.all("SELECT coalesce(sum(rows), 0) AS n FROM batches")[0]["n"])

    def positions(self) -> dict[str, Decimal]:
        """Sums of signed fills, by market."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.all("SELECT market, purpose, side, quantity FROM fills"):
            found[row["market"]] += _sign(row) * Decimal(row["quantity"])
        return dict(found)

    def cash(self) -> Decimal:
        """What fills and funding have brought in, at fill prices."""
        found = Decimal(0)
        for row in self.all("SELECT purpose, side, quantity, price, fee FROM fills"):
            found -= _sign(row) * Decimal(row["quantity"]) * Decimal(row["price"])
            found -= Decimal(row["fee"])
        return found - sum(
            (Decimal(row["amount"]) for row in self.all("SELECT amount FROM funding")), Decimal(0)
        )

    def trades(self) -> list[Trade]:
        query = "SELECT market, entry_ns, exit_ns, quantity, net FROM trades ORDER BY seq"
        return [
            Trade(row[0], row[1], row[2], Decimal(row[3]), Decimal(row[4]))
            for row in self.all(query)
        ]

    def names(self) -> set[str]:
        """Of rows that a run may tell that they are on disk."""
        found = {f"order {row[0]}" for row in self.all("SELECT client_id FROM orders")}
        found |= {f"fill {row[0]}" for row in self.all("SELECT fill_id FROM fills")}
        found |= {f"trade {row[0]}" for row in self.all("SELECT trade_id FROM trades")}
        commands = self.all("SELECT time_ns, command, detail FROM commands")
        return found | {f"command {row[0]} {row[1]} {row[2]}" for row in commands}

    def newest_state_ns(self) -> int:
        """When a state was kept last, the run's number apart."""
        query = "SELECT coalesce(max(time_ns), 0) AS t FROM states WHERE key != 'epoch'"
        return int(self.all(query)[0]["t"])

    def entries_since(self, since_ns: int) -> int:
        """Approved ones."""
        query = (
            "SELECT count(*) AS n FROM orders "
            "WHERE purpose = 'entry' AND refused IS NULL AND decided_ns > ?"
        )
        return int(self.all(query, since_ns)[0]["n"])

    def close(self) -> None:
        self.connection.close()


def _sign(row: sqlite3.Row) -> int:
    return (1 if row["side"] == "long" else -1) * (1 if row["purpose"] == "entry" else -1)


def check_files(auto: Ledger, manual: Ledger, telemetry: Ledger) -> None:
    """[I20, I27] Each file is whole, chained, of a schema that is known, and says whose it is."""
    for kind, ledger in (("auto", auto), ("manual", manual), ("telemetry", telemetry)):
        assert [row[0] for row in ledger.all("PRAGMA integrity_check")] == ["ok"]
        assert ledger.all("PRAGMA user_version")[0][0] == 1
        report = verify_chain(ledger.connection)
        assert report.broken is None, report.why
        owner = ledger.all("SELECT mode, kind, account FROM identity")
        assert [tuple(row) for row in owner] == [("simulated", kind, "test")]


def check_orders(auto: Ledger, manual: Ledger) -> None:
    """[I05, I07, I20] Orders, their states and their fills; after a recovery none works."""
    seen: set[str] = set()
    for ledger, origin in ((auto, "auto"), (manual, "manual")):
        orders = {row["client_id"]: row for row in ledger.all("SELECT * FROM orders")}
        assert {row["origin"] for row in orders.values()} <= {origin}
        assert all(("@manual" in row["market"]) == (origin == "manual") for row in orders.values())
        assert not seen & set(orders)
        seen |= set(orders)
        filled: dict[str, Decimal] = defaultdict(Decimal)
        for fill in ledger.all("SELECT * FROM fills ORDER BY seq"):
            order = orders[fill["client_id"]]
            assert order["batch"] <= fill["batch"]
            assert order["refused"] is None
            filled[fill["client_id"]] += Decimal(fill["quantity"])
        _check_states(ledger, orders, filled)


def _check_states(ledger: Ledger, orders: dict[str, Any], filled: dict[str, Decimal]) -> None:
    last: dict[str, tuple[int, Decimal]] = {}
    for row in ledger.all("SELECT client_id, state, filled FROM order_states ORDER BY seq"):
        name, rank, told = row["client_id"], RANKS[row["state"]], Decimal(row["filled"])
        before, so_far = last.get(name, (0, Decimal(0)))
        assert before < 3, f"{name}: {row['state']} after its end"
        assert rank >= before
        quantity = Decimal(orders[name]["quantity"])
        assert so_far <= told <= quantity
        assert (row["state"] == "filled") <= (told == quantity)
        last[name] = (rank, told)
    assert set(last) == set(orders)
    for name, (rank, told) in last.items():
        assert rank == 3, f"{name}: a recovery left it working"
        assert told == filled.get(name, Decimal(0)), name


def check_positions(auto: Ledger, manual: Ledger, kept: Kept) -> None:
    """[I01] A position is the sum of its fills, market by market, in the file of its origin."""
    for ledger, origin in ((auto, Origin.AUTO), (manual, Origin.MANUAL)):
        held = {each.market: _held(each) for each in kept.durable.markets if each.origin is origin}
        told = ledger.positions()
        assert set(told) <= set(held)
        assert {name: told.get(name, Decimal(0)) for name in held} == held


def _held(memory: MarketMemory) -> Decimal:
    trade = memory.money.open
    if trade is None:
        assert memory.numbers["position_lots"] == 0
        return Decimal(0)
    assert memory.numbers["position_lots"] == trade.lots
    assert memory.numbers["position_side"] == trade.side
    return int(trade.side) * trade.lots * INSTRUMENTS[memory.market.partition("@")[0]].lot


def check_money(auto: Ledger, manual: Ledger, kept: Kept) -> None:
    """[I03] Equity is what was there, what fills brought in, and what is open, at any mark."""
    portfolio = _portfolio(kept)
    lots = sum((_held(memory) for memory in kept.durable.markets), Decimal(0))
    cash = portfolio.state().start + auto.cash() + manual.cash()
    for mark in MARKS:
        marks = dict.fromkeys(range(len(kept.durable.markets)), mark)
        assert portfolio.equity(marks) == cash + lots * mark * COIN.tick


def _portfolio(kept: Kept) -> Portfolio:
    portfolio = Portfolio(load_settings().account.start_equity)
    for number, memory in enumerate(kept.durable.markets):
        instrument = INSTRUMENTS[memory.market.partition("@")[0]]
        portfolio.add_market(number, memory.market, instrument, Decimal(1))
    portfolio.restore(kept.durable.portfolio)
    return portfolio


def check_told(ledger: Ledger, told: Iterable[str]) -> None:
    """[I24] What was acknowledged is there."""
    missing = set(told) - ledger.names()
    assert not missing, sorted(missing)[:5]


class Began(NamedTuple):
    """What a core is once its run has started: its state, and the sums that are made of it."""

    durable: Durable
    sums: dict[str, int]


class Refold(NamedTuple):
    """What folding a run's recording again gave: trades, states at asked times, its end.

    began  None where the recording does not reach so far.
    """

    began: Began | None
    trades: list[Trade]
    at: dict[int, Durable]
    until_ns: int
    segments: int


def of_run(folder: Path, epoch: int) -> list[Segment]:
    """The segments of a run, of which something was recorded."""
    try:
        found = segments(folder)
    except BadInput:
        return []
    mark = f"-{epoch:06}-"
    return [each for each in found if mark in each.name and _begun(each)]


def _begun(segment: Segment) -> bool:
    try:
        _ = segment.header, segment.snapshot
    except BadInput as error:
        assert "nothing was recorded in it" in str(error)  # noqa: PT017 only that is no damage
        return False
    return True


def check_recording(folder: Path, epoch: int) -> int:
    """[I38] Every decision of a run's recording is made again; how many were held against it."""
    compared = 0
    for segment in of_run(folder, epoch):
        found = verify(folder / f"{segment.name}.inputs", lambda *_: None)
        assert found.difference is None, found.difference
        compared += sum(each.outputs for each in found.segments)
    return compared


def refold_run(folder: Path, epoch: int, at_ns: Sequence[int]) -> Refold:
    """Fold a run's segments as far as they go, each from its snapshot."""
    trades, found, until_ns, parts = list[Trade](), dict[int, Durable](), 0, of_run(folder, epoch)
    began: Began | None = None
    for segment in parts:
        paper = core_of(segment)
        for _, value in segment.inputs():
            if isinstance(value, np.ndarray):
                paper.core.fold(value)
                continue
            paper.core.apply(value)
            if isinstance(value, RunStarted):
                began = _began(paper)
            until_ns = int(value.event_ns)
            if until_ns in at_ns:
                found[until_ns] = paper.core.durable()
        trades += _trades(paper)
        assert segment.end.kind is EndKind.END or segment is parts[-1]
    return Refold(began, trades, found, until_ns, len(parts))


def _began(paper: PaperCore) -> Began:
    account = paper.book.account
    return Began(paper.core.durable(), {name: int(account[name]) for name in SUMS})


def check_began(began: Began, kept: Kept) -> None:
    """[I26] A run goes on with all that was kept: positions and their stops, the day, risk."""
    durable = kept.durable
    for one, two in zip(_by_name(began.durable), _by_name(durable), strict=True):
        assert one == two, one.market
    assert msgspec.structs.replace(began.durable.account, at_ns=durable.account.at_ns) == (
        durable.account
    )
    assert _comparable(began.durable.risk) == _comparable(durable.risk)
    realised = _portfolio(kept).realised
    assert began.sums == {
        "realised": micro(realised),
        "day_realised": micro(realised - durable.account.day_start),
        "unrealised": sum(each.numbers["unrealised"] for each in durable.markets),
        "exit_cost": sum(each.numbers["exit_cost"] for each in durable.markets),
    }


def _by_name(durable: Durable) -> list[MarketMemory]:
    return sorted(durable.markets, key=lambda each: each.market)


def _trades(paper: PaperCore) -> list[Trade]:
    return [
        Trade(
            each.market,
            int(each.entry_ns),
            int(each.exit_ns),
            INSTRUMENTS[each.market.partition("@")[0]].qty(each.lots),
            each.net,
        )
        for each in paper.trades
    ]


def check_refold(auto: Ledger, manual: Ledger, kept: Kept, refold: Refold, since_ns: int) -> int:
    """[I38] Ledger and recording tell the same, up to the last input that both have.

    How many of the two files' states were held against the refolded core's.
    """
    compared = 0
    for ledger, origin in ((auto, Origin.AUTO), (manual, Origin.MANUAL)):
        newest_ns = ledger.newest_state_ns()
        both_ns = min(refold.until_ns, newest_ns)
        of_ledger = [each for each in ledger.trades() if since_ns < each.exit_ns <= both_ns]
        refolded = [
            each
            for each in refold.trades
            if ("@" in each.market) == (origin is Origin.MANUAL) and each.exit_ns <= both_ns
        ]
        assert sorted(of_ledger) == sorted(refolded)
        if newest_ns in refold.at:
            compared += 1
            assert _of(refold.at[newest_ns], origin) == _of(kept.durable, origin)
            if origin is Origin.AUTO:
                assert refold.at[newest_ns].account == kept.durable.account
                assert _comparable(refold.at[newest_ns].risk) == _comparable(kept.durable.risk)
    return compared


def _of(durable: Durable, origin: Origin) -> list[MarketMemory]:
    """Without counts and quote, which are kept only when something happens to the market."""
    found = [
        msgspec.structs.replace(each, tally={}, quote=(0, 0))
        for each in durable.markets
        if each.origin is origin
    ]
    return sorted(found, key=lambda each: each.market)


def _comparable(risk: RiskState) -> tuple[RiskState, list[tuple[str, int, int | None]]]:
    """What a lock by hand measures is NaN, which equals nothing."""
    locks = [(each.market, int(each.code), each.until_ns) for each in risk.locks]
    return msgspec.structs.replace(risk, locks=()), locks
