"""What a trade costs: the one place where fees and spread become basis points or money.

Gates ask in basis points of the price, risk and marks in micro-units of the account currency.
"""

from domain.jit import kernel


@kernel
def notional_micro(ticks: float, lots: float, value: float, inverse: bool) -> float:
    """What `lots` are worth at a price of `ticks` >= 1, micro-units (docs/rules.md, C5).

    value    of the instrument: micro-units of one tick on one lot; of an inverse contract that of
             one lot at one tick.
    """
    if inverse:
        return lots * value / ticks
    # As floats: a product of whole numbers could leave 64 bits and come back small.
    return float(ticks) * lots * value


@kernel
def gain_micro(
    entry_ticks: float, exit_ticks: float, lots: float, value: float, inverse: bool
) -> float:
    """What a LONG gains from one price to another, both >= 1, micro-units (C5)."""
    if inverse:
        return (1.0 / entry_ticks - 1.0 / exit_ticks) * lots * value
    return (float(exit_ticks) - entry_ticks) * lots * value


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
