"""An engine that ends and begins again: what it knows before its first tick, what it refuses."""

import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest

from agent.service.engine import Engine
from agent.service.recovery import specs_of
from agent.service.served import Account
from config.settings import load_settings
from db.chain import START, TableDigest, checksum, layouts
from db.read import open_reader
from db.recording.reader import segments
from domain.arrays import Rows
from domain.enums import (
    ExitReason,
    FileKind,
    OrderState,
    Side,
    StateCause,
    TickKind,
    TradingState,
)
from domain.errors import BadConfig, Fatal
from domain.events import Command, Event, LockSet, ManualOrder, Release
from domain.instruments import FundingTerms, Instrument, SessionHours
from domain.ledger import (
    CommandRow,
    FillRow,
    FundingRow,
    OrderRow,
    OrderStateRow,
    StateRow,
    TradeRow,
)
from domain.rows.tick import TICK
from domain.units import SECOND_NS, Lots, Ticks, TsNs
from engine_cases import MINT, Rig, account, buy, pass_s, quote, served, spec
from trading_cases import COIN
from virtual_loop import VirtualClock, run_virtual

NOW: Final = TsNs(0)
HALT: Final = Command(event_ns=NOW, state=TradingState.HALTED, reason="stop it")
LOCK: Final = LockSet(event_ns=NOW, market="COIN", until_ns=None, reason="news")
RESTING: Final = ManualOrder(
    event_ns=NOW, instrument="COIN", side=Side.LONG, lots=Lots(10), limit=Ticks(997), stop=20,
    rests=True,
)  # fmt: skip
FUNDED: Final = msgspec.structs.replace(
    COIN, funding=FundingTerms(interval_hours=8, stamp="00:00", assumed_rate=Decimal("0.0001"))
)
IN_HOURS: Final = msgspec.structs.replace(
    COIN,
    session=SessionHours(
        zone="UTC", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        open="00:00", close="23:50", cut_off="23:45",
    ),
)  # fmt: skip
HOUR_S: Final = 3_600.0

Work = Callable[[Engine, VirtualClock], Awaitable[None]]


def coin(max_daily_loss: float = 2_000.0, instrument: Instrument = COIN) -> Account:
    """COIN by hand; its automatic market sees no trades and never enters."""
    settings = load_settings()
    limits = msgspec.structs.replace(settings.limits, max_daily_loss=max_daily_loss)
    return account(*served(instrument), settings=msgspec.structs.replace(settings, limits=limits))


async def idle(engine: Engine, clock: VirtualClock) -> None:
    await pass_s(clock, 0.1)


def then(*events: Event) -> Work:
    """Submit events at a fresh quote."""

    async def work(engine: Engine, clock: VirtualClock) -> None:
        await quote(engine, clock, 1_000)
        for event in events:
            await engine.sequencer.submit(event)
        await pass_s(clock, 0.5)

    return work


def at(*bids: int, work: Work | None = None) -> Work:
    """Some work, then quotes half a second apart."""

    async def quotes(engine: Engine, clock: VirtualClock) -> None:
        if work is not None:
            await work(engine, clock)
        for bid in bids:
            await quote(engine, clock, bid, 0.5)

    return quotes


def restart(
    home: Path, of: Account, first: Work, second: Work, down_s: float = 60.0
) -> tuple[Engine, dict[str, Any], Engine]:
    """Two runs; the first engine as it ended, what the second one began with and how it ended."""

    async def both() -> tuple[Engine, dict[str, Any], Engine]:
        clock = later(home)
        before = Rig(home, of, clock)
        await before.run(lambda engine: first(engine, clock))
        await pass_s(clock, down_s)
        after = Rig(home, of, clock)
        began = {"durable": after.engine.core.durable(), "position": positions(after.engine)}
        began["day"] = int(after.engine.book.account["day_realised"])
        await after.run(lambda engine: second(engine, clock))
        return before.engine, began, after.engine

    return run_virtual(1, both)


def later(home: Path) -> VirtualClock:
    """A clock that shows days after every run of this folder."""
    clock = VirtualClock()
    runs = len(list((spec(home).folder / "recordings").glob("*.inputs")))
    clock.jump(runs * 2 * 86_400 * SECOND_NS)
    return clock


def positions(engine: Engine) -> list[int]:
    return [int(each) for each in engine.book.rows["position_lots"]]


def state(engine: Engine) -> tuple[TradingState, StateCause]:
    account = engine.book.account
    return TradingState(int(account["trading_state"])), StateCause(int(account["state_cause"]))


def begin(home: Path, of: Account) -> None:
    """A run that folds nothing."""

    async def once() -> None:
        clock = later(home)
        await Rig(home, of, clock).run(lambda engine: idle(engine, clock))

    run_virtual(2, once)


def stored(home: Path, kind: FileKind, row: type[Any]) -> list[Any]:
    with open_reader(specs_of(spec(home))[kind]) as reader:
        return list(reader.rows(row))


def test_what_markets_account_and_risk_remember_is_there_before_the_first_tick(
    tmp_path: Path,
) -> None:
    before, began, _ = restart(tmp_path, coin(), at(1_001, 1_002, work=buy), idle)
    kept, found = before.core.durable(), began["durable"]
    assert positions(before) == [0, 10]
    assert found.markets == kept.markets
    assert found.risk == kept.risk
    assert found.account.numbers == kept.account.numbers
    assert found.portfolio == kept.portfolio


def test_a_halt_and_a_lock_are_there_before_the_first_tick(tmp_path: Path) -> None:
    _, began, after = restart(tmp_path, coin(), then(HALT, LOCK), buy)
    assert began["durable"].account.numbers["trading_state"] == TradingState.HALTED
    assert [each.market for each in began["durable"].risk.locks] == ["COIN"]
    assert positions(after) == [0, 0]
    assert state(after) == (TradingState.HALTED, StateCause.COMMAND)


def test_a_lock_by_hand_keeps_out_until_it_is_released(tmp_path: Path) -> None:
    lock = msgspec.structs.replace(LOCK, market="COIN@manual")
    release = Release(event_ns=NOW, market="COIN@manual", reason="over")
    restart(tmp_path, coin(), at(work=then(lock)), buy)
    assert [each.refused is not None for each in stored(tmp_path, FileKind.MANUAL, OrderRow)] == [
        True
    ]
    _, began, after = restart(tmp_path, coin(), then(release), buy)
    assert began["durable"].risk.locks == ()
    assert positions(after) == [0, 10]


def test_a_release_is_kept_with_its_command_and_not_only_at_the_end(tmp_path: Path) -> None:
    kept: list[str] = []

    async def work(engine: Engine, clock: VirtualClock) -> None:
        for event in (LOCK, Release(event_ns=NOW, market="COIN", reason="over")):
            await then(event)(engine, clock)
            with open_reader(spec(tmp_path)) as reader:
                row = reader.state("risk")
                kept.append("" if row is None else row.value)

    restart(tmp_path, coin(), work, idle)
    assert ['"market":"COIN"' in each for each in kept] == [True, False]


def test_a_loss_of_the_day_before_stays_the_day_before_s(tmp_path: Path) -> None:
    async def runs() -> list[int]:
        clock, found = VirtualClock(), list[int]()
        for work, down_s in ((at(975, 975, work=buy), 24 * HOUR_S), (idle, 60.0), (idle, 60.0)):
            rig = Rig(tmp_path, coin(), clock)
            await rig.run(lambda engine, work=work: work(engine, clock))  # type: ignore[misc]
            found.append(int(rig.engine.book.account["day_realised"]))
            await pass_s(clock, down_s)
        return found

    first, *later_days = run_virtual(1, runs)
    assert first < -2_000_000
    assert later_days == [0, 0]


def test_what_persons_order_is_kept_with_their_reasons(tmp_path: Path) -> None:
    release = Release(event_ns=NOW, market="COIN", reason="looked at it")
    restart(tmp_path, coin(), then(LOCK, HALT), then(release))
    told = stored(tmp_path, FileKind.AUTO, CommandRow)
    assert [each.command for each in told] == ["lock", "halt", "release"]
    assert [word in each.detail for word, each in zip(
        ("news", "stop it", "looked at it"), told, strict=True)] == [True] * 3  # fmt: skip


def test_a_loss_while_down_counts_at_the_first_quote(tmp_path: Path) -> None:
    _, began, after = restart(tmp_path, coin(max_daily_loss=3.0), buy, at(960, 960, 960))
    assert began["durable"].account.numbers["trading_state"] == TradingState.ACTIVE
    assert state(after) == (TradingState.HALTED, StateCause.DAILY_LOSS)
    assert positions(after) == [0, 0]
    (trade,) = stored(tmp_path, FileKind.MANUAL, TradeRow)
    assert trade.reason is ExitReason.DAILY_LOSS
    assert trade.net < -3


def test_a_day_s_loss_goes_on_after_a_restart(tmp_path: Path) -> None:
    lost = at(975, 975, work=buy)
    before, began, after = restart(tmp_path, coin(max_daily_loss=4.0), lost, buy)
    assert began["durable"].account.numbers["trading_state"] == TradingState.ACTIVE
    assert began["day"] == int(before.book.account["day_realised"]) < -2_000_000
    assert int(after.book.account["day_realised"]) < int(before.book.account["day_realised"])


def test_a_stop_stands_and_is_judged_at_the_first_fresh_quote(tmp_path: Path) -> None:
    seen: list[list[int]] = []

    async def look(engine: Engine, clock: VirtualClock) -> None:
        await pass_s(clock, 30.0)
        seen.append(positions(engine))
        await quote(engine, clock, 1_000, 0.5)
        seen.append(positions(engine))
        await at(979, 979)(engine, clock)

    _, began, after = restart(tmp_path, coin(), buy, look)
    assert [began["position"], *seen, positions(after)] == [[0, 10], [0, 10], [0, 10], [0, 0]]
    (trade,) = stored(tmp_path, FileKind.MANUAL, TradeRow)
    assert trade.reason is ExitReason.HARD_STOP
    assert trade.fees == sum(each.fee for each in stored(tmp_path, FileKind.MANUAL, FillRow))


def test_a_day_that_rolled_while_down_ends_the_halt_by_daily_loss(tmp_path: Path) -> None:
    lost = at(960, 960, work=buy)
    before, began, _ = restart(tmp_path, coin(max_daily_loss=3.0), lost, idle, 24 * HOUR_S)
    assert state(before) == (TradingState.HALTED, StateCause.DAILY_LOSS)
    numbers = began["durable"].account.numbers
    assert numbers["trading_state"] == TradingState.ACTIVE
    assert numbers["state_cause"] == StateCause.DAY_ROLL
    assert began["durable"].risk.approvals.today == 0


def test_a_halt_by_command_outlives_the_day(tmp_path: Path) -> None:
    _, began, _ = restart(tmp_path, coin(), then(HALT), idle, 24 * HOUR_S)
    assert began["durable"].account.numbers["trading_state"] == TradingState.HALTED


def test_every_funding_stamp_while_down_is_paid_once(tmp_path: Path) -> None:
    restart(tmp_path, coin(instrument=FUNDED), buy, at(1_000), 24 * HOUR_S)
    paid = stored(tmp_path, FileKind.MANUAL, FundingRow)
    assert [each.rate for each in paid] == [Decimal("0.0001")] * 3
    assert len({each.time_ns for each in paid}) == 3


def test_a_session_that_began_while_down_counts_its_entries_anew(tmp_path: Path) -> None:
    of = coin(instrument=IN_HOURS)
    before, began, _ = restart(tmp_path, of, at(975, 975, work=buy), idle, 24 * HOUR_S)
    assert dict(before.core.durable().risk.counts.entries)["COIN@manual"] == 1
    assert dict(began["durable"].risk.counts.entries).get("COIN@manual", 0) == 0


def test_orders_that_worked_end_with_the_run(tmp_path: Path) -> None:
    before, _, after = restart(tmp_path, coin(), then(RESTING), at(996, 995))
    assert int(before.book.rows["orders"]["active"].sum()) == 1
    last = stored(tmp_path, FileKind.MANUAL, OrderStateRow)[-1]
    assert (last.state, last.why, last.filled) == (OrderState.CANCELLED, "restart", 0)
    assert positions(after) == [0, 0]
    assert stored(tmp_path, FileKind.MANUAL, FillRow) == []


def test_no_run_has_the_number_or_an_order_of_another(tmp_path: Path) -> None:
    first, _, second = restart(tmp_path, coin(), at(975, 975, work=buy), buy)
    names = [each.client_id for each in stored(tmp_path, FileKind.MANUAL, OrderRow)]
    assert (first.book.epoch, second.book.epoch) == (1, 2)
    assert [each.rpartition("-")[0] for each in names] == [
        "COIN@manual-1", "COIN@manual-1", "COIN@manual-2"
    ]  # fmt: skip
    assert len(set(names)) == 3


@pytest.mark.parametrize("fresh", [FileKind.AUTO, FileKind.MANUAL])
def test_a_run_beside_a_fresh_ledger_has_a_number_of_its_own(
    tmp_path: Path, fresh: FileKind
) -> None:
    restart(tmp_path, coin(), at(975, 975, work=buy), idle)
    specs_of(spec(tmp_path))[fresh].path.unlink()
    first, _, second = restart(tmp_path, coin(), at(975, 975, work=buy), idle)
    assert (first.book.epoch, second.book.epoch) == (3, 4)
    assert len(stored(tmp_path, FileKind.MANUAL, TradeRow)) == (2 if fresh is FileKind.AUTO else 1)


@pytest.mark.parametrize("field", ["tick", "lot", "multiplier"])
def test_another_grid_is_refused_while_a_position_is_open(tmp_path: Path, field: str) -> None:
    restart(tmp_path, coin(), idle, buy)
    other = msgspec.structs.replace(COIN, **{field: Decimal("0.01")})
    with pytest.raises(BadConfig, match="flatten it with the old ones first"):
        begin(tmp_path, coin(instrument=other))
    begin(tmp_path, coin())


def test_another_rate_is_refused_while_a_position_is_open(tmp_path: Path) -> None:
    restart(tmp_path, coin(), idle, buy)
    (market,) = served(COIN)
    other = msgspec.structs.replace(market, rate=Decimal("1.1"))
    with pytest.raises(BadConfig, match=r"rate of the instrument.*with the old ones first"):
        begin(tmp_path, account(other))
    begin(tmp_path, coin())


@pytest.mark.parametrize(
    "of",
    [account(*served(MINT)), account(*served(COIN, by_hand=False))],
    ids=["gone", "not-by-hand"],
)
def test_a_market_with_a_position_must_be_served(tmp_path: Path, of: Account) -> None:
    restart(tmp_path, coin(), idle, buy)
    with pytest.raises(BadConfig, match="COIN@manual: holds a position"):
        begin(tmp_path, of)
    assert not list((spec(tmp_path).folder / "recordings").glob("*-000003-*"))
    begin(tmp_path, coin())


def test_a_flat_market_need_not_be_served_any_more_and_its_money_stays(tmp_path: Path) -> None:
    before, _, _ = restart(tmp_path, coin(), idle, at(975, 975, work=buy))
    begin(tmp_path, account(*served(MINT)))
    _, began, after = restart(tmp_path, coin(), idle, idle)
    assert after.portfolio.realised < before.portfolio.realised
    assert began["durable"].portfolio.totals.trades == 1


def test_a_ledger_without_a_fill_is_refused_and_put_aside(tmp_path: Path) -> None:
    restart(tmp_path, coin(), idle, buy)
    path = specs_of(spec(tmp_path))[FileKind.MANUAL].path
    tamper(path)
    with pytest.raises(Fatal, match=r"is damaged.*Restore the newest backup"):
        begin(tmp_path, coin())
    assert not path.exists()
    assert len(list(path.parent.glob("manual.db.corrupt-*"))) >= 1


def test_a_position_that_no_fill_explains_is_refused_though_the_chain_is_whole(
    tmp_path: Path,
) -> None:
    restart(tmp_path, coin(), idle, buy)
    tamper(specs_of(spec(tmp_path))[FileKind.MANUAL].path, chained=True)
    with pytest.raises(Fatal, match=r"the kept position is 1\.0, the fills of its trade make 0"):
        begin(tmp_path, coin())


def test_fills_of_a_market_that_is_flat_by_its_state_are_refused(tmp_path: Path) -> None:
    restart(tmp_path, coin(), idle, at(975, 975, work=buy))
    tamper(specs_of(spec(tmp_path))[FileKind.MANUAL].path, chained=True)
    with pytest.raises(Fatal, match="the kept position is 0"):
        begin(tmp_path, coin())


def tamper(path: Path, *, chained: bool = False) -> None:
    """Take the newest fill out, with a chain that knows of it or one that was made anew."""
    connection = sqlite3.connect(path)
    with connection:
        guards = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in connection.execute(guards).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM fills WHERE seq = (SELECT max(seq) FROM fills)")
        if chained:
            rechain(connection)
    connection.close()


def rechain(connection: sqlite3.Connection) -> None:
    """What someone could do who knows how: the chain has no secret."""
    before, names = START, layouts(connection)[1]
    for number, schema in connection.execute("SELECT number, schema FROM batches").fetchall():
        digests: dict[str, TableDigest] = {}
        for name, columns in names.items():
            listed = ", ".join(f'"{each}"' for each in columns)
            query = f"SELECT {listed} FROM {name} WHERE batch = ? ORDER BY seq"  # noqa: S608
            rows = connection.execute(query, (number,)).fetchall()
            if rows:
                digests[name] = TableDigest(name, columns)
                digests[name].add(rows)
        before = checksum(before, number, schema, digests)
        count = sum(each.rows for each in digests.values())
        connection.execute(
            "UPDATE batches SET checksum = ?, rows = ? WHERE number = ?", (before, count, number)
        )


@pytest.mark.parametrize("older", [FileKind.AUTO, FileKind.MANUAL])
def test_funding_is_paid_once_though_one_ledger_is_older(tmp_path: Path, older: FileKind) -> None:
    """A backup of one file was restored, or a kill came between the commits of both."""
    of, path = coin(instrument=FUNDED), specs_of(spec(tmp_path))[older].path

    async def runs() -> None:
        clock = VirtualClock()
        await Rig(tmp_path, of, clock).run(lambda engine: buy(engine, clock))
        saved = path.read_bytes()
        await pass_s(clock, 24 * HOUR_S)
        await Rig(tmp_path, of, clock).run(lambda engine: idle(engine, clock))
        path.write_bytes(saved)
        await pass_s(clock, 60.0)
        await Rig(tmp_path, of, clock).run(lambda engine: idle(engine, clock))

    run_virtual(1, runs)
    assert len(stored(tmp_path, FileKind.MANUAL, FundingRow)) == 3


def test_only_what_something_happened_to_is_kept_again(tmp_path: Path) -> None:
    """Every tick moves counts and quotes: a trade of one market must not keep all others anew."""
    found: list[Counter[str]] = []

    async def work(engine: Engine, clock: VirtualClock) -> None:
        await buy(engine, clock)
        for bid in (1_001, 1_002, 975, 975):
            other = a_quote(engine.instruments.index("MINT"), bid, int(engine.time.now_ns()))
            await engine.ring.put_all(other)
            await quote(engine, clock, bid, 0.5)
            kinds = (FileKind.AUTO, FileKind.MANUAL)
            rows = [row for kind in kinds for row in stored(tmp_path, kind, StateRow)]
            found.append(Counter(row.key for row in rows))
        assert positions(engine) == [0, 0, 0, 0]

    async def once() -> None:
        clock = VirtualClock()
        rig = Rig(tmp_path, account(*served(COIN, MINT)), clock)
        await rig.run(lambda engine: work(engine, clock))

    run_virtual(1, once)
    kept = {key: found[-1][key] - found[0][key] for key in found[-1] if key.startswith("market ")}
    assert kept.pop("market COIN@manual") >= 1
    assert kept == {"market COIN": 0, "market MINT": 0, "market MINT@manual": 0}


def a_quote(instrument: int, bid: int, at_ns: int) -> Rows:
    tick = np.zeros(1, TICK)
    tick["market"], tick["kind"] = instrument, TickKind.QUOTE
    tick["price"] = tick["size"] = np.nan
    tick["bid"], tick["ask"] = bid * 0.1, (bid + 1) * 0.1
    tick["bid_size"] = tick["ask_size"] = 50.0
    tick["recv_ns"] = tick["ts_ns"] = at_ns
    return tick


def test_old_recordings_are_deleted_though_no_run_sees_midnight(tmp_path: Path) -> None:
    of = msgspec.structs.replace(coin(), keep_days=3.0)
    for _ in range(4):  # two days apart
        begin(tmp_path, of)
    left = segments(spec(tmp_path).folder / "recordings")
    assert [each.header.epoch for each in left] == [2, 3, 4]
