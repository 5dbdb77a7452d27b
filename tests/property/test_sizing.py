"""Whatever is measured, rounding never enlarges an entry (R20)."""

import math
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.enums import SizeMode
from risk.sizing import Measured, Sizing, entry_lots, loss_of_one_lot, sized_lots
from trading_cases import entry, view

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0.001, 1_000.0)
SIZINGS = st.builds(
    Sizing,
    mode=st.sampled_from(SizeMode),
    multiple=NUMBERS,
    risk_fraction=NUMBERS,
    target_volatility_bps=NUMBERS,
    max_multiple=NUMBERS,
    standard_lots=st.integers(0, 10**6),
)
MEASURED = st.builds(Measured, equity=NUMBERS, loss_of_one_lot=NUMBERS, volatility_bps=NUMBERS)


@given(st.floats(), st.integers(0, 10**9))
def test_rounding_never_enlarges_a_multiple(multiple: float, standard: int) -> None:
    lots = entry_lots(multiple, standard)
    assert lots >= 0
    if math.isfinite(multiple) and multiple > 0:
        wish = Decimal(repr(multiple)) * standard
        assert lots <= wish < lots + 1 + abs(wish) * Decimal("1e-27")
    else:
        assert lots == 0


@given(SIZINGS, MEASURED)
def test_a_size_is_never_above_its_budget_or_its_largest_multiple(
    sizing: Sizing, measured: Measured
) -> None:
    lots = sized_lots(sizing, measured)
    assert lots >= 0
    if lots == 0 or sizing.mode is SizeMode.FIXED:
        return
    assert lots <= entry_lots(sizing.max_multiple, sizing.standard_lots)
    if sizing.mode is SizeMode.RISK:
        budget, each = sizing.risk_fraction * measured.equity, measured.loss_of_one_lot
    else:
        budget = sizing.multiple * sizing.standard_lots * sizing.target_volatility_bps
        each = measured.volatility_bps
    assert lots * each <= budget
    assert Fraction(lots) * Fraction(each) <= Fraction(budget) * (1 + Fraction(1, 2**52))


@given(st.floats(1.0, 1e12), st.floats(1e-6, 1e9), st.integers(1, 1_000))
def test_a_lot_more_would_be_above_the_budget_or_the_largest_multiple(
    equity: float, loss: float, standard: int
) -> None:
    sizing = Sizing(
        mode=SizeMode.RISK,
        multiple=1.0,
        risk_fraction=0.01,
        target_volatility_bps=1.0,
        max_multiple=3.0,
        standard_lots=standard,
    )
    lots = sized_lots(sizing, Measured(equity=equity, loss_of_one_lot=loss, volatility_bps=1.0))
    assert lots == 3 * standard or (lots + 1) * loss > 0.01 * equity * (1 - 2**-50)


@given(st.integers(2, 10**6), st.integers(1, 10**6), st.sampled_from([True, False]))
def test_the_loss_of_a_lot_grows_with_the_distance_of_its_stop(
    limit: int, stop: int, inverse: bool
) -> None:
    seen = view(inverse=inverse)
    near = loss_of_one_lot(entry(limit=limit, stop=stop), seen)
    far = loss_of_one_lot(entry(limit=limit, stop=stop + 1), seen)
    assert 0 < near <= far
