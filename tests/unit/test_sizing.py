"""Entries are sized by a multiple, by what they risk or by volatility, and rounded down (R20)."""

import math

import msgspec
import pytest

from domain.enums import SizeMode
from risk.sizing import Measured, Sizing, entry_lots, sized_lots


@pytest.mark.parametrize(
    ("multiple", "standard", "lots"),
    [
        (1.0, 10, 10),
        (0.29, 100, 29),  # 28.999... in doubles
        (1.5, 3, 4),
        (0.09, 10, 0),
        (1000.0, 7, 7_000),
        (1, 7, 7),
        (1e-7, 10**8, 10),
    ],
)
def test_lots_are_the_multiple_as_written_rounded_down(
    multiple: float, standard: int, lots: int
) -> None:
    assert entry_lots(multiple, standard) == lots


@pytest.mark.parametrize("multiple", [math.nan, math.inf, -math.inf, 0.0, -1.0])
def test_a_multiple_that_is_no_size_gives_no_lots(multiple: float) -> None:
    assert entry_lots(multiple, 10) == 0


def sizing(mode: SizeMode, **changes: float) -> Sizing:
    """Ten standard lots: at most 20 lots, a thousandth at risk, the whole multiple at 0.5 bp."""
    basic = Sizing(
        mode=mode,
        multiple=1.0,
        risk_fraction=0.001,
        target_volatility_bps=0.5,
        max_multiple=2.0,
        standard_lots=10,
    )
    return msgspec.structs.replace(basic, **changes)


def measured(equity: float = 1e9, loss: float = 1e5, volatility: float = 0.5) -> Measured:
    """An equity of 1,000, of which a lot loses 0.1."""
    return Measured(equity=equity, loss_of_one_lot=loss, volatility_bps=volatility)


def test_the_fixed_mode_looks_at_nothing_measured() -> None:
    nothing = measured(math.nan, math.nan, math.nan)
    assert sized_lots(sizing(SizeMode.FIXED, multiple=2.5), nothing) == 25


@pytest.mark.parametrize(
    ("loss", "lots"),
    [
        (1e5, 10),  # 1,000,000 / 100,000
        (1e5 + 1, 9),
        (1e5 - 1, 10),
        (90_909.0, 11),  # 11.00001
        (1e6, 1),
        (1e6 + 1, 0),
        (1.0, 20),  # never more than max_multiple
        (50_000.0, 20),
        (0.0, 0),
        (-1.0, 0),
        (math.inf, 0),
        (math.nan, 0),
    ],
)
def test_at_the_stop_the_risk_mode_loses_a_fraction_of_equity(loss: float, lots: int) -> None:
    assert sized_lots(sizing(SizeMode.RISK), measured(loss=loss)) == lots


@pytest.mark.parametrize("equity", [0.0, -1e9, math.nan])
def test_without_equity_nothing_is_risked(equity: float) -> None:
    assert sized_lots(sizing(SizeMode.RISK), measured(equity=equity)) == 0


@pytest.mark.parametrize(
    ("volatility", "lots"),
    [
        (0.5, 10),
        (0.501, 9),  # 9.98
        (1.0, 5),
        (5.0, 1),
        (5.1, 0),
        (0.25, 20),
        (0.1, 20),  # 50, but never more than max_multiple
        (0.0, 0),
        (math.nan, 0),
        (math.inf, 0),
    ],
)
def test_the_volatility_mode_shrinks_with_volatility(volatility: float, lots: int) -> None:
    assert sized_lots(sizing(SizeMode.VOLATILITY), measured(volatility=volatility)) == lots


def test_a_quotient_that_was_rounded_up_is_not_believed() -> None:
    budget, each = 225.02078686197467, 4.500415737239494
    assert (budget / each, 50 * each > budget) == (50.0, True)
    roomy = sizing(SizeMode.RISK, risk_fraction=1.0, max_multiple=10.0)
    assert sized_lots(roomy, measured(equity=budget, loss=each)) == 49


@pytest.mark.parametrize("mode", [SizeMode.RISK, SizeMode.VOLATILITY])
def test_a_largest_multiple_that_is_no_size_gives_no_lots(mode: SizeMode) -> None:
    assert sized_lots(sizing(mode, max_multiple=math.nan), measured()) == 0
