"""Two readings of docs/rules.md, by different hands, say the same about the same ticks."""

import msgspec
import numpy as np
import pytest

from config.catalog import instrument_for_file, load_playbook
from core_cases import START_NS, WIDE, another, playbook
from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TickKind, TradingState
from domain.playbooks import Playbook
from domain.units import SECOND_NS
from market.history.parquet import read_ticks
from random_ticks import loose_playbook_values, random_ticks
from recorded import recorded
from side_by_side import Both, Market
from trading_cases import COIN

VALUES = loose_playbook_values()
LOOSE = playbook(VALUES)
RESTING = playbook({**VALUES, "entry": {"style": "resting", "resting_life_s": 1.0}})
ATR = playbook(
    {
        **VALUES,
        "exit": {**VALUES["exit"], "stop": "max(2tick, 1.5atr:5s)", "target": "off"},
        "gates.no_trade_zone": {"mode": "on", "window_s": 20, "min_range": "0.5atr:1s"},
        "gates.candle": {"mode": "on", "frame": "5s", "margin_ticks": 0.0},
        "gates.imbalance": {"mode": "on", "min": -0.8, "when_missing": "pass"},
        "gates.momentum": {"mode": "on", "streak": 1, "min_move": "0.1atr:1s"},
    }
)
STRICT = msgspec.structs.replace(
    WIDE,
    max_daily_loss=4.0,
    max_trade_loss=0.9,
    cool_down_s=2.0,
    duplicate_window_ms=700.0,
    orders_per_second=3.0,
    stale_quote_s=0.6,
    collar_spreads=2.0,
    collar_bps=30.0,
    hard_collar_bps=60.0,
    max_open_positions=1.0,
)


def last(ticks: Rows) -> int:
    return int(ticks["event_ns"][-1])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rules", [LOOSE, RESTING, ATR], ids=["loose", "resting", "atr"])
def test_both_say_the_same_about_20000_random_ticks(rules: Playbook, seed: int) -> None:
    ticks = random_ticks(100 + seed, 20_000)
    both = Both([Market(COIN, rules)]).fold(ticks).end(last(ticks))
    both.assert_equal()
    assert len(both.case.journal.trades) > 20


def test_both_say_the_same_where_there_are_only_quotes() -> None:
    ticks = random_ticks(200, 12_000)
    quotes = ticks[ticks["kind"] != TickKind.TRADE]
    for rules in (LOOSE, RESTING):
        both = Both([Market(COIN, rules, PriceSource.MID)]).fold(quotes).end(last(quotes))
        both.assert_equal()
        assert len(both.case.journal.trades) > 20


def test_both_say_the_same_where_there_are_only_trades() -> None:
    ticks = random_ticks(201, 12_000)
    trades = ticks[ticks["kind"] == TickKind.TRADE]
    market = Market(COIN, LOOSE, PriceSource.TRADES, BookSource.ASSUMED)
    both = Both([market]).fold(trades).end(last(trades))
    both.assert_equal()
    assert len(both.case.journal.trades) > 20


@pytest.mark.parametrize("seed", range(3))
def test_both_say_the_same_of_two_markets_under_limits_that_bind(seed: int) -> None:
    one, other = (random_ticks(300 + 10 * seed + m, 8_000, market=m) for m in (0, 1))
    both = Both([Market(COIN, LOOSE), Market(another("OTHER"), RESTING)], STRICT)
    ticks = np.sort(np.concatenate([one, other]), order=["event_ns", "market", "seq"])
    both.fold(ticks[:9_000]).day_roll(int(ticks["event_ns"][9_000])).fold(ticks[9_000:])
    both.end(last(ticks)).assert_equal()


def test_both_say_the_same_through_sessions_commands_and_a_second_leg() -> None:
    ticks = random_ticks(400, 12_000)
    ticks["slot"] = np.where(np.arange(len(ticks)) % 7 == 0, 2, 0)
    cut = [int(at) for at in ticks["event_ns"][[3_000, 6_000, 9_000]]]
    minute = 60 * SECOND_NS
    both = Both([Market(COIN, playbook({**VALUES, "gates.session": {"mode": "on"}}))])
    both.session(0, START_NS, (START_NS + minute, cut[0] - minute, cut[0]))
    both.fold(ticks[:3_000]).session(0, cut[0], (cut[0], cut[1] - 2 * minute, cut[1]))
    both.fold(ticks[3_000:4_000]).command(int(ticks["event_ns"][4_000]), TradingState.REDUCING)
    both.fold(ticks[4_000:4_500]).command(int(ticks["event_ns"][4_500]), TradingState.ACTIVE)
    both.fold(ticks[4_500:6_000]).session(0, cut[1], (cut[1], cut[2], cut[2] + 100 * minute))
    both.fold(ticks[6_000:9_000]).command(int(ticks["event_ns"][9_000]), TradingState.HALTED)
    both.fold(ticks[9_000:]).end(last(ticks)).assert_equal()


@pytest.mark.data
@pytest.mark.parametrize("name", ["baseline", "probe"])
@pytest.mark.parametrize(
    "file",
    [
        "crypto/BTCUSDT-usdm-20240808",
        "crypto/ETHUSDT-spot-20240808",
        "fx/EURUSD-fxcm-20140501-20140509",
        "fx/XAUUSD-oanda-20140501-20140505",
        "equity/BAC-20131007-20131008",
    ],
)
def test_both_say_the_same_about_20000_recorded_ticks(file: str, name: str) -> None:
    path = recorded(f"ticks/{file}.parquet")
    source, instrument = read_ticks(path, 0), instrument_for_file(path)
    assert instrument is not None
    prices = PriceSource.TRADES if source.has_trades else PriceSource.MID
    ticks = source.ticks[:20_000]
    both = Both([Market(instrument, load_playbook(name), prices)]).fold(ticks)
    both.end(last(ticks)).assert_equal()
