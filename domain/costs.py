"""What a trade costs: the one place where fees and spread become basis points or money.

Gates ask in basis points of the price, risk and marks in micro-units of the account currency.
"""

from domain.jit import kernel


@kernel
def fee_micro(notional_ticks: float, value: float, rate: float) -> float:
    """Fee on a notional of ticks x lots, micro-units; `value` is that of one tick on one lot."""
    return notional_ticks * value * rate


@kernel
def round_trip_bps(spread_bps: float, entry_fee: float, exit_fee: float, crosses: float) -> float:
    """Spread and fees of entering and leaving, in bp.

    entry_fee, exit_fee  fractions of notional.
    crosses              half-spreads paid: 2.0 for a marketable entry, 1.0 for a resting one.
    """
    return spread_bps * crosses / 2.0 + 1e4 * (entry_fee + exit_fee)
