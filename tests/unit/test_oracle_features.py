"""The oracle's indicators, reference, regime, context and pauses, worked out by hand."""

import math
from collections.abc import Iterable
from decimal import Decimal

import msgspec
import pytest

from domain.enums import BookSource, ExitReason, Gate, OutputKind, PriceSource, Regime, TickKind
from domain.events import Reference
from domain.playbooks import Playbook
from oracle.candle import Candle
from oracle.core import Oracle
from oracle.gates import Look, candidate_side, judge
from oracle.indicators import Adx, Rsi, Supertrend
from oracle.state import Market
from oracle_cases import LIMITS, SECOND, instrument, playbook, quote, row, trade

ON = {"mode": "on"}


def bar(high: float, low: float, close: float) -> Candle:
    return Candle(0, close, high, low, close, 0, 0, 0, 1)


def feed(indicator: Rsi | Adx | Supertrend, candles: Iterable[Candle]) -> None:
    before: Candle | None = None
    for candle in candles:
        if before is not None:
            indicator.add(before, candle)
        before = candle


def with_regime(book: Playbook, **values: float) -> Playbook:
    written = {f"regime.{name}": value for name, value in values.items()}
    return msgspec.structs.replace(book, values={**book.values, **written})


def oracle(book: Playbook, *, index: bool = True) -> Oracle:
    """Ticks of 1; the reference has ticks of 0.5 and is priced by its mid."""
    made = Oracle(Decimal(10_000), LIMITS)
    reference = Reference(
        instrument=msgspec.structs.replace(instrument(), tick=Decimal("0.5")),
        price_source=PriceSource.MID,
        book_source=BookSource.QUOTES,
    )
    made.set_market(
        "one",
        instrument(),
        book,
        PriceSource.TRADES,
        BookSource.QUOTES,
        reference=reference if index else None,
    )
    return made


def leader(made: Oracle, seconds: float, bid: float) -> None:
    """A quote of the reference, half a unit wide."""
    made.tick(row(seconds, TickKind.QUOTE, bid=bid, ask=bid + 0.5, slot=2))


def distance(made: Oracle, gate: Gate, seconds: float, side: int = 0) -> float:
    market = made.markets[0]
    side = side or candidate_side(market.features)
    look = Look(market, made.account, round(seconds * SECOND), side)
    return judge(look).distances[gate]


def test_rsi_averages_fourteen_changes_and_then_smooths() -> None:
    rsi = Rsi()
    closes = [100.0] + [103.0, 101.0] * 7
    feed(rsi, (bar(c, c, c) for c in closes[:14]))
    assert math.isnan(rsi.value)
    rsi = Rsi()
    # Gains of 3, 5 x 2 ... : seven rises, +3 and six of +2; seven falls of -2.
    feed(rsi, (bar(c, c, c) for c in closes))
    assert rsi.value == pytest.approx(100 - 100 / (1 + 15 / 14))
    rsi.add(bar(101, 101, 101), bar(102, 102, 102))
    assert rsi.value == pytest.approx(100 - 100 / (1 + (15 * 13 / 14 + 1) / 13))


def test_rsi_without_a_loss_is_a_hundred() -> None:
    rsi = Rsi()
    feed(rsi, [bar(c, c, c) for c in range(5, 20)])
    assert rsi.value == 100.0


def test_rsi_without_any_change_is_in_the_middle() -> None:
    rsi = Rsi()
    feed(rsi, [bar(5, 5, 5)] * 15)
    assert rsi.value == 50.0


def test_adx_of_a_steady_rise() -> None:
    adx = Adx()
    rise = [bar(10 + i, 6 + i, 8 + i) for i in range(27)]
    feed(adx, rise[:14])
    assert math.isnan(adx.plus_di)
    adx = Adx()
    feed(adx, rise)
    # Each candle is 4 high and 1 above the one before.
    assert [adx.plus_di, adx.minus_di] == pytest.approx([25.0, 0.0])
    assert math.isnan(adx.value)
    adx.add(rise[-1], bar(37, 33, 35))
    assert adx.value == pytest.approx(100.0)
    # Now 2 down: sums 56 and 14 become 52 + 4 and 13, the other 0 becomes 2.
    adx.add(bar(37, 33, 35), bar(35, 31, 33))
    assert adx.minus_di == pytest.approx(100 * 2 / 56)
    assert adx.plus_di == pytest.approx(100 * 13 / 56)
    assert adx.value == pytest.approx((100 * 13 + 100 * 11 / 15) / 14)


def test_adx_takes_neither_move_when_both_are_equal_and_no_range_is_no_di() -> None:
    adx = Adx()
    feed(adx, [bar(5, 5, 5)] * 28)
    assert (adx.plus_di, adx.minus_di, adx.value) == (0.0, 0.0, 0.0)
    adx.add(bar(5, 5, 5), bar(6, 4, 5))
    assert (adx.plus_di, adx.minus_di) == (0.0, 0.0)


def test_supertrend_starts_at_the_eleventh_candle_and_turns_at_its_band() -> None:
    trend = Supertrend()
    calm = bar(102, 98, 100)
    feed(trend, [calm] * 10)
    assert math.isnan(trend.value)
    trend.add(calm, calm)
    assert (trend.value, trend.upper, trend.lower) == (1.0, 112.0, 88.0)
    # tr 12, ATR 4.8: bands of mid 90 are 104.4 and 75.6; the lower stays, and 88 is not above it.
    trend.add(calm, bar(92, 88, 88))
    assert [trend.value, trend.upper, trend.lower] == pytest.approx([-1.0, 104.4, 88.0])
    # The close before was not below the band, so it may only rise.
    trend.add(bar(92, 88, 88), bar(88, 84, 86))
    assert (trend.value, trend.lower) == (-1.0, 88.0)
    # Now it was, so the band follows: tr 4, ATR 4.648.
    atr = (4.8 * 9 + 4) / 10
    atr = (atr * 9 + 4) / 10
    trend.add(bar(88, 84, 86), bar(88, 84, 86))
    assert trend.lower == pytest.approx(86 - 3 * atr)


def test_reference_counts_with_its_own_ticks_and_distance() -> None:
    counted = {"mode": "on", "min_move": "1pt", "streak": 2, "max_age_s": 5.0}
    made = oracle(playbook(reference=counted))
    assert math.isnan(distance(made, Gate.REFERENCE, 0))
    # A point is 4 half-ticks of the reference: 101, then 102 count, 101.5 does not.
    for second, bid in enumerate((100, 101, 101.5, 102)):
        leader(made, second, bid)
    slot = made.markets[0].slots[2]
    assert (slot.price, slot.direction, slot.streak) == (409, 1, 2)
    assert distance(made, Gate.REFERENCE, 8, 1) == 0
    assert distance(made, Gate.REFERENCE, 8, -1) == -4
    assert math.isnan(distance(made, Gate.REFERENCE, 8.001, 1))


def test_gates_that_need_a_reference_are_off_without_one() -> None:
    made = oracle(
        playbook(reference=ON, relative_strength=ON, index_bias={**ON, "source": "reference"}),
        index=False,
    )
    leader(made, 0.5, 100)
    made.tick(quote(1, 100, 101))
    (intent,) = [said for said in made.outputs if said.kind is OutputKind.INTENT]
    gates = (Gate.REFERENCE, Gate.RELATIVE_STRENGTH, Gate.INDEX_BIAS)
    assert all(math.isnan(intent.distances[gate]) for gate in gates)
    assert made.markets[0].slots[2].price is None


def test_relative_strength_compares_moves_over_the_window() -> None:
    made = oracle(playbook(relative_strength={**ON, "window_s": 2, "min_bps": 10.0}))
    for second, price, bid in ((1, 1000, 999.75), (2, 1001, 1000), (3, 1004, 1000)):
        made.tick(trade(second, price))
        leader(made, second + 0.5, bid)
    # Bids are rounded down to ticks and asks up: 1999 + 2001, then 2000 + 2001.
    assert made.markets[0].features.move_bps(2) == pytest.approx(40.0)
    index = made.markets[0].slots[2]
    assert index.move_bps(2) == pytest.approx(2.5)
    assert distance(made, Gate.RELATIVE_STRENGTH, 3.5) == pytest.approx(40 - 2.5 - 10)
    assert distance(made, Gate.RELATIVE_STRENGTH, 3.5, -1) == pytest.approx(-40 + 2.5 - 10)
    assert math.isnan(index.move_bps(3))
    assert math.isnan(distance(made, Gate.RELATIVE_STRENGTH, 8.6))


@pytest.mark.parametrize(("bias", "wanted"), [("filter", 2.0), ("strong", -1.0)])
def test_index_bias_sums_the_votes_that_are_ready(bias: str, wanted: float) -> None:
    votes = {**ON, "source": "market", "frame": "1s", "bias": bias, "min_score": 2}
    made = oracle(playbook(index_bias=votes), index=False)
    assert math.isnan(distance(made, Gate.INDEX_BIAS, 0, 1))
    made.tick(trade(1, 100))
    assert distance(made, Gate.INDEX_BIAS, 1, 1) == (1 if bias == "filter" else -2)
    made.tick(trade(2, 103))  # VWAP 101.5: one vote, nothing else is ready
    assert distance(made, Gate.INDEX_BIAS, 2, 1) == wanted
    assert distance(made, Gate.INDEX_BIAS, 2, -1) == wanted - 2
    for second in range(3, 40):
        made.tick(trade(second, 100 + second))
    # EMA, VWAP, RSI, ADX and Supertrend all rise.
    assert distance(made, Gate.INDEX_BIAS, 40, 1) == 5 + (1 if bias == "filter" else -2)


def test_votes_are_cast_at_the_very_bound() -> None:
    bounds = {"rsi_bear": 0.0, "adx_min": 100.0, "min_score": 5}
    votes = {**ON, "source": "market", "frame": "1s", "bias": "strong", **bounds}
    made = oracle(playbook(index_bias=votes), index=False)
    for second in range(40):
        made.tick(trade(second, 200 - second))
    frame = made.markets[0].features.candles.frames[0]
    assert (frame.rsi.value, frame.adx.value) == (0.0, 100.0)
    assert distance(made, Gate.INDEX_BIAS, 40, -1) == 0


def test_votes_stay_away_inside_the_buffer_and_below_the_least_adx() -> None:
    votes = {
        **ON,
        "source": "reference",
        "frame": "1s",
        "bias": "strong",
        "min_score": 1,
        "vwap_buffer_bps": 100.0,
    }
    made = oracle(playbook(index_bias={**votes, "adx_min": 100.0}))
    for second in range(40):
        leader(made, second, 1000 - (second % 2) / 2)
    # RSI is near 50, the price at the VWAP, ADX below 100; EMA9 is off EMA21, the trend is set.
    frame = made.markets[0].slots[2].candles.frames[0]
    ema = math.copysign(1.0, frame.ema9.value - frame.ema21.value)
    assert 45 < frame.rsi.value < 55
    assert frame.adx.value < 100
    wanted = ema + frame.supertrend.value - 1
    assert distance(made, Gate.INDEX_BIAS, 40, 1) == wanted
    assert math.isnan(distance(made, Gate.INDEX_BIAS, 45, 1))


def minute(made: Oracle, start: int, prices: Iterable[float]) -> list[Regime]:
    """One trade a second; the regime after each."""
    seen = []
    for second, price in enumerate(prices, start):
        made.tick(trade(second, price))
        seen.append(made.markets[0].features.regime)
    return seen


def test_regime_is_known_after_a_minute_and_changes_when_confirmed() -> None:
    book = playbook(regime={**ON, "allowed": "trending"})
    made = oracle(with_regime(book, quiet_bps=5.0, volatile_bps=100.0, confirm=3))
    # The candle of bucket 60 closes at 61: the first whose minute was seen whole.
    seen = minute(made, 0, [10_000] * 62)
    assert seen[60:] == [Regime.UNKNOWN, Regime.QUIET]
    # 10 up is 10 bp, with one candle up and none down: trending, said at 63, 64 and 65 s.
    seen = minute(made, 62, [10_010] * 4)
    assert seen == [Regime.QUIET, Regime.QUIET, Regime.QUIET, Regime.TRENDING]
    assert distance(made, Gate.REGIME, 65) == 1.0
    # Down again: one up and one down have no direction; from three closed candles on it ranges.
    seen = minute(made, 66, [10_000, 10_000, 10_000, 10_000])
    assert seen == [Regime.TRENDING] * 3 + [Regime.RANGING]
    assert distance(made, Gate.REGIME, 69) == -1.0
    # Up 150 bp: two up and one down are trending once. Back again no direction, but volatile.
    seen = minute(made, 70, [10_150, 10_000, 10_000, 10_000, 10_000])
    assert seen == [Regime.RANGING] * 4 + [Regime.VOLATILE]


def test_regime_looks_back_to_the_bucket_a_minute_before() -> None:
    made = oracle(with_regime(playbook(), quiet_bps=5.0, confirm=1))
    # The 20 bp of the first second count until the candle of bucket 60, not in that of 61.
    seen = minute(made, 0, [10_020] + [10_000] * 62)
    assert seen[60:] == [Regime.UNKNOWN, Regime.TRENDING, Regime.QUIET]


def test_momentum_asks_for_more_while_ranging_and_after_losses() -> None:
    asked = {**ON, "streak": 3, "min_move": "1tick", "ranging_penalty": 4, "loss_streak": 2}
    book = playbook(momentum={**asked, "loss_penalty": 5})
    made = oracle(with_regime(book, quiet_bps=0.0, volatile_bps=1000.0, trend_directionality=0.5))
    assert distance(made, Gate.MOMENTUM, 0) == -3
    minute(made, 0, [1000, 1010] * 31)
    assert made.markets[0].features.regime is Regime.RANGING
    assert distance(made, Gate.MOMENTUM, 62) == 1 - 7
    made.markets[0].losses_in_a_row = 1
    assert distance(made, Gate.MOMENTUM, 62) == 1 - 7
    made.markets[0].losses_in_a_row = 2
    assert distance(made, Gate.MOMENTUM, 62) == 1 - 12


def test_context_is_asked_for_the_side_until_its_time_is_over() -> None:
    made = oracle(
        playbook(smc={**ON, "min_bias": 0.25}, scan_plan=ON, win_probability={**ON, "min": 0.5})
    )
    gates = (Gate.SMC, Gate.SCAN_PLAN, Gate.WIN_PROBABILITY)
    made.tick(quote(1, 100, 101))
    assert made.not_ready == {(0, Gate.SMC): 1}
    made.context(0, 2 * SECOND, 9 * SECOND, 0.75, 1.0, 0.625, math.nan)
    assert [distance(made, gate, 9, 1) for gate in gates] == [0.5, 0.5, 0.125]
    assert math.isnan(distance(made, Gate.SMC, 9.001, 1))
    made.context(0, 3 * SECOND, 9 * SECOND, -0.75, -1.0, 0.625, math.nan)
    assert [distance(made, gate, 9, -1) for gate in gates[:2]] == [0.5, 0.5]
    look = judge(Look(made.markets[0], made.account, 9 * SECOND, -1))
    assert (look.blocked_by, math.isnan(look.distances[Gate.WIN_PROBABILITY])) == (
        Gate.WIN_PROBABILITY,
        True,
    )


def test_context_runs_the_timers_that_are_due_first() -> None:
    made = oracle(playbook(exit_={"max_hold_s": 2.5}))
    made.tick(quote(1, 100, 101))
    made.context(0, 9 * SECOND, 20 * SECOND, 0, 0, 0, 0)
    (closed,) = made.trades
    assert (closed.reason, closed.exit_ns) == (ExitReason.TIME_GUARD, round(3.5 * SECOND))


def after_trades(gate: dict[str, object], *bids: float) -> tuple[Oracle, Market]:
    """From 10 s on a trade every 10 s: in at 101, out at the bid 2 s after the entry."""
    book = playbook(
        exit_={"max_hold_s": 2.0, "stop": "50tick"},
        momentum={"mode": "observe", "loss_streak": 2},
        cool_down={**ON, "after_exit_s": 5.0, "after_loss_s": 6.0, "min_gap_s": 0.0, **gate},
    )
    made = oracle(book)
    for second, bid in enumerate(bids, 1):
        made.tick(quote(10 * second, 100, 101))
        made.tick(quote(10 * second + 1, bid, bid + 1))
        made.tick(row(10 * second + 2, TickKind.CLOCK))
        made.tick(row(10 * second + 3, TickKind.CLOCK))
    return made, made.markets[0]


def test_re_entry_after_a_win_waits_less_inside_its_window() -> None:
    gate: dict[str, object] = {"re_entry_window_s": 3.0, "re_entry_gap_s": 1.0}
    made, market = after_trades(gate, 120)
    assert (made.trades[0].net > 0, market.flat_ns) == (True, 12 * SECOND)
    assert distance(made, Gate.COOL_DOWN, 15) == 2.0
    assert distance(made, Gate.COOL_DOWN, 15.5) == -1.5
    made, _ = after_trades({**gate, "after_loss_s": 0.0}, 90)
    assert distance(made, Gate.COOL_DOWN, 15) == -2.0
    made, _ = after_trades({"re_entry_gap_s": 1.0}, 120)
    assert distance(made, Gate.COOL_DOWN, 12) == -5.0


def test_loss_streak_lengthens_the_pause_after_a_loss() -> None:
    gate: dict[str, object] = {"after_loss_streak_s": 60.0}
    made, market = after_trades(gate, 90)
    assert market.losses_in_a_row == 1
    assert distance(made, Gate.COOL_DOWN, 15) == -3.0
    made, market = after_trades(gate, 90, 90)
    assert market.losses_in_a_row == 2
    assert distance(made, Gate.COOL_DOWN, 25) == 3 - 60
    made, market = after_trades({**gate, "after_loss_streak_s": 1.0}, 90, 90)
    assert distance(made, Gate.COOL_DOWN, 25) == -3.0
    made, market = after_trades(gate, 90, 120, 90)
    assert market.losses_in_a_row == 1
