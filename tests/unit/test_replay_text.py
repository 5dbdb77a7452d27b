"""The report of a replay says what happened, why not, and fits where it is read."""

import io
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console

from replay_samples import NOTHING, REFERENCE, market, summary, trade, untraded
from reporting.replay_summary import FileLine, HaltLine, Money, ReplaySummary, TradeLine
from reporting.replay_text import print_replay

MARKETS = {
    "BTCUSDT-usdm": market(),
    "BTCUSD_PERP-coinm": market(money=NOTHING, trades=0, wins=0),
    "EURUSD-fxcm": market(ticks=12_345_678),
}
TRADES = [
    trade(),
    trade(side="short", reason="momentum_flip", entry_ns=1_700_000_000_000_000_000),
    trade(entry_ns=1_700_090_000_000_000_000, exit_ns=1_700_090_065_000_000_000),
]
HUGE = Decimal("-123456789012345.678901234567")


def printed(
    found: ReplaySummary,
    trades: list[TradeLine] | None = None,
    *,
    width: int = 80,
    encoding: str = "utf-8",
    coloured: bool | None = None,
) -> str:
    """What a pipe gets; a terminal with or without colour when `coloured` says so."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(
        file=file,
        width=width,
        force_terminal=coloured is not None,
        no_color=not coloured,
        color_system="auto" if coloured is None else "standard",
        _environ={},
    )
    print_replay(console, found, trades)
    file.seek(0)
    return file.read()


def lines(
    found: ReplaySummary, trades: list[TradeLine] | None = None, *, width: int = 80
) -> list[str]:
    return [line.rstrip() for line in printed(found, trades, width=width).splitlines()]


def columns_after(heading: str, text: list[str]) -> list[list[str]]:
    """The cells of the table below `heading`, its own headings and ruler left out."""
    start = next(i for i, line in enumerate(text) if line.startswith(heading)) + 3
    return [line.split() for line in text[start : text.index("", start)]]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize(
    "found",
    [
        summary(),
        summary(markets=MARKETS),
        untraded(),
        summary(playbook="/home/somebody/" + "very-long-name/" * 9 + "playbook.toml"),
        summary(reference=REFERENCE),
        summary(money=Money(**dict.fromkeys(Money.__struct_fields__, HUGE))),
    ],
    ids=["one market", "markets", "untraded", "long path", "reference", "huge amounts"],
)
def test_text_never_exceeds_its_width(found: ReplaySummary, width: int) -> None:
    several = [*TRADES, trade(market="BTCUSD_PERP-coinm", entry_price=abs(HUGE))]
    assert max(len(line) for line in lines(found, several, width=width)) <= width


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_text_is_never_cut(width: int) -> None:
    assert "…" not in printed(summary(markets=MARKETS), TRADES, width=width)


def test_text_in_a_pipe_is_plain() -> None:
    assert "\x1b" not in printed(summary(markets=MARKETS), TRADES)


def test_text_without_colour_uses_none_on_a_terminal() -> None:
    text = printed(summary(), TRADES, coloured=False)
    assert "\x1b[1m" in text  # bold is no colour
    assert "31m" not in text


def test_loss_is_red_on_a_terminal_with_colour() -> None:
    assert "\x1b[1;31mNet loss of 27.96" in printed(summary(), coloured=True)


def test_text_is_ascii_where_the_terminal_knows_nothing_else() -> None:
    text = printed(summary(markets=MARKETS), TRADES, encoding="ascii")
    assert "fees      -163.91  -----" in text


def test_header_names_playbook_hash_ticks_drops_by_kind_and_speed() -> None:
    assert lines(summary())[:2] == [
        "Replay of baseline, parameters 3f9a1c20b7de",
        "2,400,000 ticks in 0.31s, 7.74 million a second; 15 dropped (late 12, crossed 3)",
    ]


def test_header_says_when_no_tick_was_dropped() -> None:
    assert lines(summary(ticks_dropped={}))[1].endswith("; none dropped")


def test_loss_is_called_a_loss() -> None:
    assert "Net loss of 27.96 USDT after all costs, in 42 trades: -0.666 a trade." in lines(
        summary()
    )


def test_gain_is_called_a_gain() -> None:
    money = msgspec.structs.replace(NOTHING, gross=Decimal("3.5"), net=Decimal("3.5"))
    assert "Net gain of 3.50 USDT after all costs, in 1 trade: +3.50 a trade." in lines(
        summary(money=money, trades=1, wins=1)
    )


def test_zero_is_neither() -> None:
    text = printed(summary(money=NOTHING))
    assert "Neither gain nor loss, 0.00 USDT after all costs, in 42 trades: 0.00 a trade." in text


def test_win_rate_comes_with_its_interval() -> None:
    assert "trades          42, won 19: 45.2 % (95 % interval 31.2 to 60.1 %)" in lines(summary())


def test_open_positions_are_said_to_be_left_out() -> None:
    assert "open positions  2, not part of the result" in lines(summary(open_positions=2))


def test_waterfall_signs_costs_and_received_funding() -> None:
    text = lines(summary())
    start = text.index("From gross to net, USDT, closed trades") + 1
    assert [line.split()[:2] for line in text[start : start + 6]] == [
        ["gross", "+184.20"],
        ["spread", "-42.10"],
        ["slippage", "-7.35"],
        ["fees", "-163.91"],
        ["funding", "+1.20"],
        ["net", "-27.96"],
    ]


def test_rejections_stand_in_the_order_of_the_gates() -> None:
    text = lines(summary())
    assert columns_after("Why 2,215,721 flat ticks brought no entry", text) == [
        ["data_age", "88", "<0.1", "%", "0", "0"],
        ["candle", "310,402", "14.0", "%", "15,020", "0"],
        ["momentum", "2,120", "0.1", "%", "0", "0"],
        ["spread", "0", "0.0", "%", "0", "4,411"],
        ["expected_move", "1,903,111", "85.9", "%", "0", "0"],
    ]


def test_gate_unknown_to_this_build_comes_last() -> None:
    text = lines(summary(rejections={"a_later_gate": 2, "plan": 1}, observed={}))
    assert [row[0] for row in columns_after("Why 3 flat", text)] == ["plan", "a_later_gate"]


def test_exits_and_refusals_are_counted_by_word() -> None:
    text = lines(summary())
    assert columns_after("Exits", text)[0] == ["hard_stop", "20"]
    assert columns_after("Orders refused by risk", text) == [["stale_quote", "3"]]


def test_markets_have_a_table_when_there_are_several() -> None:
    assert columns_after("Markets, USDT", lines(summary(markets=MARKETS))) == [
        ["BTCUSDT-usdm", "2,400,000", "42", "19", "0", "+184.20", "-212.16", "-27.96"],
        ["BTCUSD_PERP-coinm", "2,400,000", "0", "0", "0", "0.00", "0.00", "0.00"],
        ["EURUSD-fxcm", "12,345,678", "42", "19", "0", "+184.20", "-212.16", "-27.96"],
    ]


def test_single_market_needs_no_table_of_markets() -> None:
    assert "Markets" not in printed(summary())


def test_assumptions_and_hashes_are_told() -> None:
    text = printed(summary())
    assert "ASSUMED  BTCUSDT-usdm has no quotes" in text
    assert "decisions   a81e0f77c2b94d16935c4e8d20fb6a53" in text


def test_no_trade_is_said_with_the_gate_most_in_the_way() -> None:
    text = " ".join(lines(untraded()))
    assert (
        "This playbook did not trade here. The gate most in the way was expected_move: it blocked "
        "1,903,111 of 2,215,721 flat ticks (85.9 %)." in text
    )


def test_no_trade_for_want_of_input_says_so() -> None:
    text = " ".join(lines(untraded(rejections={"candle": 900}, not_ready={"candle": 800})))
    assert "(100.0 %), on 800 of them because its input was missing." in text


def test_no_trade_because_risk_refused_says_so() -> None:
    text = printed(untraded(refusals={"stale_quote": 1}))
    assert "Risk refused 1 order: stale_quote 1." in text


def test_no_trade_without_ticks_says_so() -> None:
    text = printed(untraded(ticks=0, rejections={}, not_ready={}, observed={}))
    assert "There was no good tick to trade on." in text


def test_open_position_alone_is_no_result_yet() -> None:
    assert "No trade was closed here" in printed(untraded(open_positions=1))


def test_trades_show_day_time_hold_and_net() -> None:
    prices = ["65,123.40", "65,071.30"]
    assert columns_after("Trades, times in UTC, net in USDT", lines(summary(), TRADES[:1])) == [
        ["2023-11-14"],
        ["22:13:20.123", "long", "0.012", *prices, "3.25s", "hard_stop", "-27.96"],
    ]


def test_trades_are_all_listed() -> None:
    assert printed(summary(), [trade()] * 1500).count("22:13:20.123") == 1500


def test_trades_take_two_lines_where_one_does_not_fit() -> None:
    text = lines(summary(), [trade()], width=60)
    assert text[text.index("Trades, times in UTC, net in USDT") + 1 :][:2] == [
        "2023-11-14 22:13:20.123 BTCUSDT-usdm long 0.012",
        "  65,123.40 -> 65,071.30 in 3.25s, hard_stop, net -27.96",
    ]


def test_names_with_brackets_are_printed_as_they_are() -> None:
    text = printed(summary(playbook="[red]mine[/red]", assumed=["[bold]"]))
    assert "Replay of [red]mine[/red]" in text
    assert "ASSUMED  [bold]" in text


def test_a_setting_that_forbids_every_entry_is_named_first() -> None:
    problem = "limits.max_daily_loss must be stated, finite and above 0"
    found = printed(untraded(problems=[problem]))
    assert f"Nothing can be traded: {problem}." in " ".join(found.split())


def test_a_halt_is_told_with_its_time_and_cause() -> None:
    halt = HaltLine(time_ns=1_700_000_000 * 10**9, cause="daily_loss", market="COIN")
    found = printed(summary(halts=[halt]))
    assert "HALTED by daily_loss at 2023-11-14 22:13:20 UTC" in found


def test_a_gate_that_was_never_ready_at_the_end_of_the_chain_is_named() -> None:
    counts = {"side": 900, "plan": 100}
    quiet = untraded(rejections=counts, not_ready={"plan": 100})
    found = " ".join(printed(quiet).split())
    assert "The last gate that ticks came to was plan, and it was never ready" in found


def test_the_owners_choices_are_not_blamed_for_no_trade() -> None:
    quiet = untraded(rejections={"side": 900, "spread": 100}, not_ready={})
    assert "The gate most in the way was spread" in " ".join(printed(quiet).split())


def test_what_was_replayed_is_said_with_its_span() -> None:
    file = FileLine(name="a.parquet", market="COIN", ticks=5, first_ns=0, last_ns=342 * 10**9)
    found = " ".join(printed(summary(files=[file])).split())
    assert "COIN: a.parquet, 1970-01-01 00:00:00 to 1970-01-01 00:05:42 UTC (5m42s)" in found


def test_a_reference_is_told_with_its_files_and_what_was_dropped_from_them() -> None:
    text = " ".join(lines(summary(reference=REFERENCE)))
    span = "1970-01-01 00:00:00 to 1970-01-01 00:05:42 UTC (5m42s)"
    assert f"reference LEAD: lead.parquet, {span}, 10 ticks, 2 dropped (late 2)" in text


def test_the_ticks_of_a_reference_are_counted_apart() -> None:
    text = " ".join(lines(summary(reference=REFERENCE)))
    assert "2,400,000 ticks and 8 of the reference in 0.31s" in text
