"""L1 and L2: a streak of losses and fills beyond their quotes ask for a pause."""

import math

import pytest

from domain.enums import OrderKind, StateCause
from domain.locks import Pause
from domain.orders import Fill, Order
from domain.rows.account import NEVER_NS
from risk.engine import RiskEngine
from trading_cases import NOW, after, at, entry, fill, leave, limits, trade, view, why


def lost(*nets: str, engine: RiskEngine | None = None, **changes: float) -> RiskEngine:
    """An engine, three losses allowed, that saw these results a second apart."""
    engine = engine or RiskEngine(limits(**changes))
    for second, net in enumerate(nets):
        engine.traded(trade(net), after(second))
    return engine


# L1


def test_the_last_loss_of_a_streak_pauses() -> None:
    assert lost("-1", "-1").measures() == ()
    pause = Pause(StateCause.LOSS_STREAK, after(602), 3.0, 3.0, "limits.loss_streak")
    assert lost("-1", "-1", "-1").measures() == (pause,)


@pytest.mark.parametrize("net", ["1", "0"])
def test_a_trade_that_does_not_lose_ends_the_streak(net: str) -> None:
    assert lost("-1", "-1", net, "-1", "-1").measures() == ()
    assert len(lost("-1", "-1", net, "-1", "-1", "-1").measures()) == 1


def test_losses_count_anew_after_a_pause() -> None:
    engine = lost("-1", "-1", "-1", "-1", "-1")
    assert len(engine.measures()) == 1
    assert len(lost("-1", engine=engine).measures()) == 1


def test_losses_of_all_markets_make_one_streak() -> None:
    engine = lost("-1", "-1")
    engine.traded(trade("-0.01", "OTHER"), after(2))
    assert len(engine.measures()) == 1


def test_a_command_that_sets_active_forgets_the_streak() -> None:
    engine = lost("-1", "-1")
    engine.state_released()
    assert lost("-1", "-1", engine=engine).measures() == ()
    assert len(lost("-1", engine=engine).measures()) == 1


def test_a_release_of_markets_does_not_forget_the_streak() -> None:
    engine = lost("-1", "-1")
    engine.release(None)
    assert len(lost("-1", engine=engine).measures()) == 1


@pytest.mark.parametrize("pause_s", [None, math.nan, 1e300])
def test_a_pause_of_no_usable_length_has_no_end(pause_s: float | None) -> None:
    engine = RiskEngine(limits(loss_streak_pause_s=pause_s))
    (pause,) = lost("-1", "-1", "-1", engine=engine).measures()
    assert pause.until_ns == NEVER_NS


def test_a_pause_is_no_lock() -> None:
    engine = lost("-1", "-1", "-1")
    assert engine.locks(after(2)) == ()
    assert why(engine.review(entry(), at(3))) is None


# L2: with a mid of 1,000 ticks and a spread of 2 a tick beyond the quote is 10 bp


def bought(number: int, price: int, lots: int = 10, **changes: object) -> Fill:
    """A fill of the order of this number; its quote was 1,001."""
    order = entry(**{"client_id": f"COIN-{number}", "mid_half": 2_000, "spread": 2, **changes})
    return fill(order, price, lots, at_ns=after(number))


def filled(*prices: int) -> RiskEngine:
    engine = RiskEngine(limits())
    for number, price in enumerate(prices):
        engine.filled(bought(number, price))
    return engine


def test_a_median_beyond_the_limit_pauses() -> None:
    pause = Pause(StateCause.SLIPPAGE, after(302), 10.0, 20.0, "limits.max_slippage_bps")
    assert filled(1_003, 1_003).measures() == ()
    assert filled(1_003, 1_001, 1_003).measures() == (pause,)


def test_a_median_at_the_limit_does_not() -> None:
    assert filled(1_009, 1_002, 1_001).measures() == ()


def test_an_even_number_of_orders_has_its_median_between_the_middle_ones() -> None:
    engine = RiskEngine(limits(slippage_orders=2.0))
    engine.filled(bought(0, 1_001))
    engine.filled(bought(1, 1_004))
    (pause,) = engine.measures()
    assert pause.actual == 15


def test_only_the_latest_orders_are_remembered() -> None:
    engine = filled(1_003, 1_001, 1_001, 1_003)
    assert engine.measures() == ()
    engine.filled(bought(4, 1_003))
    assert [pause.actual for pause in engine.measures()] == [20]


def test_an_order_counts_once_by_the_average_of_its_fills() -> None:
    engine = filled(1_001, 1_009)
    engine.filled(bought(2, 1_001, 4))
    engine.filled(bought(2, 1_003, 4))  # 1,002 on average: at the limit
    assert engine.measures() == ()
    engine.filled(bought(2, 1_004, 2))  # 1,002.4
    assert [pause.actual for pause in engine.measures()] == [pytest.approx(14)]


def test_a_sale_slips_downwards() -> None:
    engine = filled(1_009, 1_001)
    order = leave(client_id="COIN-9", mid_half=2_000, spread=2)
    engine.filled(fill(order, 997, 10))
    assert [pause.actual for pause in engine.measures()] == [20]


def test_a_better_price_than_the_quote_counts_below_0() -> None:
    engine = RiskEngine(limits(slippage_orders=1.0, max_slippage_bps=0.001))
    engine.filled(bought(0, 990))
    assert engine.measures() == ()


@pytest.mark.parametrize("kind", [OrderKind.RESTING, OrderKind.CLOSE_OUT])
def test_orders_that_do_not_take_the_quote_at_once_are_not_looked_at(kind: OrderKind) -> None:
    engine = filled(1_003, 1_003)
    engine.filled(bought(2, 1_003, kind=kind))
    assert engine.measures() == ()


def test_an_order_decided_without_a_quote_counts_as_the_worst() -> None:
    engine = filled(1_003, 1_001)
    engine.filled(bought(2, 1_000, mid_half=0))
    assert [pause.actual for pause in engine.measures()] == [20]


def test_orders_are_forgotten_after_a_pause_and_a_command() -> None:
    engine = filled(1_003, 1_003, 1_003)
    assert len(engine.measures()) == 1
    for number in (3, 4):
        engine.filled(bought(number, 1_003))
    engine.state_released()
    for number in (5, 6):
        engine.filled(bought(number, 1_003))
    assert engine.measures() == ()
    engine.filled(bought(7, 1_003))
    assert len(engine.measures()) == 1


def test_a_missing_limit_pauses_nothing_and_crashes_nothing() -> None:
    engine = RiskEngine(limits(slippage_orders=None, max_slippage_bps=None, loss_streak=None))
    for number in range(9):
        engine.filled(bought(number, 1_009))
        engine.traded(trade("-1"), NOW)
    assert engine.measures() == ()


def test_no_pause_stops_an_exit() -> None:
    order: Order = leave()
    engine = lost("-1", "-1", "-1")
    assert why(engine.review(order, view(position_lots=10))) is None
