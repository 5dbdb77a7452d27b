"""Two small files, played twice, whose every trade and amount is worked out by hand.

A market in EUR on an account in USD, open 09:30 to 19:00 in New York. The account's day rolls at
17:00 there: at 21:00 UTC on the recorded Thursday, and at 22:00 UTC a week later, in winter time.
Each round of quotes opens a position at 1000.5 if it may, and closes it by its third quote.
"""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Final

import pytest

from agent.app import run_replay
from agent.replay.outcome import ReplayOutcome
from agent.replay.request import ReplayRequest
from domain.units import SECOND_NS
from market.history.merge import WEEK_NS
from reporting.replay_summary import ReplaySummary, TradeLine
from tick_files import START_NS, Row, quote, write

THURSDAY_NS: Final = int(datetime(2024, 10, 31, tzinfo=UTC).timestamp()) * SECOND_NS
INSTRUMENT: Final = """
venue = "made-up"
symbol = "EURO"
quote = "EUR"
settle = "EUR"
contract = "share"
multiplier = "1"
tick = "0.5"
lot = "1"
min_notional = "0"
standard_lots = 2
shortable = false
latency_ms = 50
assumed_half_spread = "0.5"
assumed_size = "100"
fees = { maker = "0.0001", taker = "0.0002" }

[session]
zone = "America/New_York"
days = ["mon", "tue", "wed", "thu", "fri"]
open = "09:30"
cut_off = "18:45"
close = "19:00"
"""
SETTINGS: Final = """
[account]
currency = "USD"
start_equity = "10000"
zone = "America/New_York"
day_roll = "17:00"
rates = { EUR = "1.25" }

[limits]
allow = ["*"]
max_daily_loss = 11
max_trade_loss = 100
cool_down_s = 1
duplicate_window_ms = 500
orders_per_second = 5
orders_per_day = 1000
exit_reserve = 100
stale_quote_s = 3.0
collar_spreads = 5
collar_bps = 20
hard_collar_bps = 100
max_order_notional = 10000
max_position_notional = 10000
max_open_positions = 3
max_gross_notional = 30000
max_group_notional = 1e9
max_leverage = 1e9
max_heat = 1e9
min_liquidation_stops = 1.0
max_drawdown = 1e9
loss_streak = 1e9
loss_streak_pause_s = 1.0
slippage_orders = 1e9
max_slippage_bps = 1e9
slippage_pause_s = 1.0
repeated_entries = 1e9
repeated_window_s = 1.0
reject_burst = 1e9
reject_window_s = 1.0
trades_per_session = 1e9
review_after_trades = 1e9
"""
GATES_OFF: Final = (
    *("candle", "momentum", "velocity", "spread", "imbalance", "min_move"),
    *("no_trade_zone", "expected_move", "rate"),
)
PLAYBOOK: Final = """
schema = 1
name = "eager"
sentence = "Is LONG whenever it may."
entry.sides = "long"
exit = { stop = "4tick", target = "4tick", break_even_trigger = "off", trail_trigger = "off" }
gates.momentum.min_move = "1000tick"
gates.cool_down = { after_exit_s = 5.0, after_loss_s = 5.0, min_gap_s = 0.0 }
""" + "".join(f'gates.{gate}.mode = "off"\n' for gate in GATES_OFF)

WIN, LOSS = (1002.5, 1003.0), (998.0, 998.5)
MORNING, EVENING = ("13:40:00", "13:40:10", "20:30:00"), ("22:10:00", "22:10:10", "22:10:20")
# Net of each: 2 lots of 1.25 USD a unit, 2 bp of fees a side, 0.5 lost at the quotes each time.
WON: Final = Decimal(5) - Decimal("0.50025") - Decimal("0.50125")
LOST: Final = Decimal("-6.25") - Decimal("0.50025") - Decimal("0.499")
CUT: Final = Decimal("-1.875") - Decimal("0.50025") - Decimal("0.499875")  # one lot a tick lower
STOPPED: Final = Decimal("-1.25") - Decimal("0.50025") - Decimal("0.5")  # by its own costs


def moment(clock: str) -> int:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return THURSDAY_NS + (hours * 3600 + minutes * 60 + seconds) * SECOND_NS


def quotes(clock: str, *rows: tuple[float, tuple[float, float]]) -> list[Row]:
    """Rows of (seconds later, quote)."""
    start = (moment(clock) - START_NS) / SECOND_NS
    return [quote(start + later, *sides) for later, sides in rows]


def opened(clock: str) -> list[Row]:
    """The first two quotes of a round."""
    return quotes(clock, (0, (1000.0, 1000.5)), (0.25, (1000.0, 1000.5)))


def played(clock: str, outcome: tuple[float, float]) -> list[Row]:
    """A whole round that ends at the quote `outcome`."""
    return [*opened(clock), *quotes(clock, (2, outcome), (2.25, outcome))]


def crossed(clock: str) -> list[Row]:
    return quotes(clock, (0, (1001.0, 1000.0)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("end-to-end")
    thin = {"bid_size": 1.0}
    day = [
        *played("13:20:00", WIN),  # the session has not begun
        *crossed("13:30:00"),
        *played(MORNING[0], WIN),
        *quotes("23:59:00", (0, (float("nan"), 1000.5))),  # moves no time
        *played(MORNING[1], LOSS),
        *crossed("13:50:00"),
        *[{**row, **thin} for row in opened(MORNING[2])],  # and the file ends
    ]
    night = [
        *played("21:10:00", WIN),
        *crossed("22:00:01"),
        *(row for clock in EVENING for row in played(clock, LOSS)),
    ]
    write(folder / "day.parquet", day)
    write(folder / "night.parquet", night)
    (folder / "EURO.toml").write_text(INSTRUMENT)
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "eager.toml").write_text(PLAYBOOK)
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path) -> ReplayOutcome:
    request = ReplayRequest(
        paths=(folder / "day.parquet", folder / "night.parquet"),
        playbook=str(folder / "eager.toml"),
        instrument=str(folder / "EURO.toml"),
        settings=folder / "settings.toml",
        repeat=2,
    )
    return run_replay(request, lambda _stage, _done, _total: None)


@pytest.fixture
def summary(outcome: ReplayOutcome) -> ReplaySummary:
    return outcome.summary


def story(trade: TradeLine, week: int) -> tuple[str, str, Decimal]:
    """Time of the entry's decision, reason of the exit, net."""
    decided_ns = trade.entry_ns - week * WEEK_NS - SECOND_NS // 20
    clock = datetime.fromtimestamp(decided_ns / SECOND_NS, UTC)
    assert moment(f"{clock:%H:%M:%S}") == decided_ns
    return f"{clock:%H:%M:%S}", trade.reason, trade.money.net


def test_the_first_evening_is_a_new_day_and_ends_at_the_days_limit(outcome: ReplayOutcome) -> None:
    assert [story(trade, 0) for trade in outcome.trades[:7]] == [
        (MORNING[0], "take_profit", WON),
        (MORNING[1], "hard_stop", LOST),
        (MORNING[2], "end_of_data", CUT),
        ("21:10:00", "take_profit", WON),
        (EVENING[0], "hard_stop", LOST),
        (EVENING[1], "hard_stop", LOST),
        (EVENING[2], "daily_loss", STOPPED),
    ]


def test_a_week_later_the_day_is_new_again_and_rolls_an_hour_later(outcome: ReplayOutcome) -> None:
    assert [story(trade, 1) for trade in outcome.trades[7:]] == [
        (MORNING[0], "take_profit", WON),
        (MORNING[1], "hard_stop", LOST),
        (MORNING[2], "end_of_data", CUT),
        ("21:10:00", "take_profit", WON),
        (EVENING[0], "hard_stop", LOST),
        (EVENING[1], "daily_loss", LOST),
    ]


def test_positions_close_at_the_quote_that_said_so(outcome: ReplayOutcome) -> None:
    first = outcome.trades[0]
    assert (first.market, first.side, first.quantity) == ("EURO", "long", Decimal(2))
    assert (first.entry_price, first.exit_price) == (Decimal("1000.5"), Decimal("1002.5"))
    assert first.exit_ns - first.entry_ns == 2 * SECOND_NS
    assert outcome.trades[2].exit_price == Decimal("999.75")


def test_money_is_that_of_the_trades_in_the_accounts_currency(summary: ReplaySummary) -> None:
    money = summary.money
    assert summary.currency == "USD"
    assert (summary.trades, summary.wins) == (13, 4)
    assert money.net == 4 * WON + 6 * LOST + 2 * CUT + STOPPED == Decimal("-35.502")
    assert money.gross == 4 * Decimal("6.25") - 6 * 5 == -5
    assert money.spread_cost == 13 * Decimal("1.25")
    assert money.slippage == 2 * Decimal("0.625")
    assert money.fees == Decimal("13.002")


def test_the_drawdown_reaches_from_the_first_profit_to_the_last_loss(
    outcome: ReplayOutcome,
) -> None:
    peak = WON + Decimal("0.50125")  # marked before the exit's fee
    equity = list(accumulate(trade.money.net for trade in outcome.trades))
    assert max(equity) < peak
    assert outcome.summary.max_drawdown == peak - min(equity) == Decimal("40.00175")


def test_dropped_ticks_count_in_both_repetitions(summary: ReplaySummary) -> None:
    assert summary.ticks_dropped == {"non_finite": 2, "crossed": 6}
    assert summary.ticks == summary.markets["EURO"].ticks == 2 * (14 + 16)


def test_all_that_was_assumed_is_said_once(summary: ReplaySummary, folder: Path) -> None:
    lost = "5.88 % of its ticks were dropped as non_finite: look at the numbers near row 9"
    assert summary.assumed == [
        f"WARNING {folder / 'day.parquet'}: {lost}",
        "EURO: no trades in the data: momentum and candles follow the mid",
        "EURO: an order arrives 50 ms after the decision",
    ]
