"""The JSON of a replay is a contract: its keys, their order, and exact decimals."""

import json
from decimal import Decimal

from replay_samples import NOTHING, REFERENCE, market, summary, trade
from reporting.replay_json import replay_json
from reporting.replay_summary import Money

KEYS = [
    "ticks",
    "ticks_dropped",
    "seconds",
    "ticks_per_second",
    "decisions",
    "trades",
    "wins",
    "open_positions",
    "gross",
    "spread_cost",
    "slippage",
    "fees",
    "funding",
    "net",
    "max_drawdown",
    "currency",
    "rejections",
    "not_ready",
    "observed",
    "exits",
    "refusals",
    "markets",
    "assumed",
    "playbook",
    "parameters_hash",
    "kernel_hash",
    "decision_hash",
    "problems",
    "halts",
    "files",
    "reference",
    "repeat",
    "start_equity",
    "entries",
    "unfilled_entries",
]
MARKET_KEYS = [
    "ticks",
    "decisions",
    "trades",
    "wins",
    "open_positions",
    "gross",
    "spread_cost",
    "slippage",
    "fees",
    "funding",
    "net",
    "rejections",
    "not_ready",
    "observed",
    "exits",
    "refusals",
]
TRADE_KEYS = [
    "market",
    "side",
    "quantity",
    "entry_ns",
    "exit_ns",
    "entry_price",
    "exit_price",
    "reason",
    "gross",
    "spread_cost",
    "slippage",
    "fees",
    "funding",
    "net",
]


def test_json_has_exactly_the_promised_keys_in_order() -> None:
    assert list(json.loads(replay_json(summary()))) == KEYS


def test_json_of_a_market_is_flat_too() -> None:
    found = json.loads(replay_json(summary(markets={"A": market(), "B": market()})))
    assert [list(each) for each in found["markets"].values()] == [MARKET_KEYS, MARKET_KEYS]


def test_json_lists_trades_last_when_they_are_given() -> None:
    found = json.loads(replay_json(summary(), [trade()]))
    assert list(found) == [*KEYS, "trades_list"]
    assert list(found["trades_list"][0]) == TRADE_KEYS


def test_json_keeps_an_empty_list_of_trades() -> None:
    assert json.loads(replay_json(summary(), []))["trades_list"] == []


def test_json_money_is_plain_and_unrounded() -> None:
    money = Money(
        gross=Decimal("1E+7"),
        spread_cost=Decimal("-0.00"),
        slippage=Decimal("1E-10"),
        fees=Decimal("0.1234567890123456789012345678901234567890"),
        funding=Decimal("2.50"),
        net=Decimal("-1.5E-7"),
    )
    found = json.loads(replay_json(summary(money=money, max_drawdown=Decimal("0E+3"))))
    assert [found[key] for key in KEYS[8:15]] == [
        "10000000",
        "0.00",
        "0.0000000001",
        "0.1234567890123456789012345678901234567890",
        "2.50",
        "-0.00000015",
        "0",
    ]


def test_json_of_a_trade_keeps_nanoseconds_and_exact_prices() -> None:
    line = trade(entry_price=Decimal("1E+2"), money=NOTHING)
    found = json.loads(replay_json(summary(), [line]))["trades_list"][0]
    assert (found["entry_ns"], found["entry_price"]) == (1_700_000_000_123_999_999, "100")


def test_json_is_one_line_of_ascii_for_any_name() -> None:
    text = replay_json(summary(playbook="Füchse\n", assumed=["€"]))
    assert text.isascii()
    assert "\n" not in text


def test_json_tells_the_reference_with_its_files_or_null() -> None:
    assert json.loads(replay_json(summary()))["reference"] is None
    found = json.loads(replay_json(summary(reference=REFERENCE)))["reference"]
    assert (found["instrument"], found["ticks"]) == ("LEAD", 10)
    assert found["delivered"] == {"BTCUSDT-usdm": 8}
    assert found["files"][0]["dropped"] == {"late": 2}


def test_json_says_null_where_a_number_is_not_finite() -> None:
    found = json.loads(replay_json(summary(ticks_per_second=float("inf"))))
    assert found["ticks_per_second"] is None
