"""What lots are worth and gain, of linear and inverse contracts (C5)."""

import pytest

from domain.costs import fee_micro, gain_micro, notional_micro


def test_a_linear_notional_is_the_product_from_left_to_right() -> None:
    # 0.1 * 3 is not 0.3 in doubles: another order of factors would show.
    assert notional_micro(7.0, 3.0, 0.1, False) == 7 * 3 * 0.1
    assert notional_micro(7.0, 3.0, 0.1, False) == fee_micro(21.0, 0.1, 1.0)


def test_an_inverse_notional_falls_as_the_price_rises() -> None:
    # 10 lots of 100 dollars at 20,000 dollars are 0.05 coins, at 25,000 dollars 0.04.
    value = 100e6
    assert notional_micro(20_000.0, 10.0, value, True) == pytest.approx(50_000)
    assert notional_micro(25_000.0, 10.0, value, True) == pytest.approx(40_000)


def test_a_linear_long_gains_the_way_times_its_lots() -> None:
    assert gain_micro(1_000.0, 1_020.0, 10.0, 10_000.0, False) == 2_000_000
    assert gain_micro(1_000.0, 980.0, 10.0, 10_000.0, False) == -2_000_000


def test_an_inverse_long_gains_less_than_it_loses_on_the_same_way() -> None:
    # 1/1,000 - 1/1,020 = 20 / 1,020,000 and 1/1,000 - 1/980 = -20 / 980,000, times 1e11.
    assert gain_micro(1_000.0, 1_020.0, 10.0, 1e10, True) == pytest.approx(1_960_784.3137)
    assert gain_micro(1_000.0, 980.0, 10.0, 1e10, True) == pytest.approx(-2_040_816.3265)


def test_a_notional_beyond_64_bits_stays_large() -> None:
    assert notional_micro(2**40, 2**40, 1.0, False) == 2.0**80
    assert gain_micro(1, 2**40, 2**40, 1.0, False) == pytest.approx(2.0**80)
