"""Units that must not be mixed up, and the decimal context in which money is computed.

Inside the core prices are `Ticks` and quantities `Lots`; outside they are `Price` and `Qty`. Only
an `Instrument` turns one into the other.
"""

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final, NewType

Ticks = NewType("Ticks", int)  # whole ticks of the instrument
Lots = NewType("Lots", int)  # whole lots of the instrument, >= 0
Price = NewType("Price", Decimal)  # quote currency per unit, a whole number of ticks
Qty = NewType("Qty", Decimal)  # units or contracts, a whole number of lots, >= 0
Money = NewType("Money", Decimal)  # account currency
TsNs = NewType("TsNs", int)  # nanoseconds since the Unix epoch, UTC

SECOND_NS: Final = 1_000_000_000
MICRO: Final = 1_000_000  # micro-units of the account currency in one

# Sums and products of money are exact: losing a digit raises instead of rounding.
EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
# Averages and ratios for people are rounded.
ROUNDED: Final = Context(prec=28, traps=[InvalidOperation, DivisionByZero, Overflow])


def micro(amount: Decimal) -> int:
    """Account currency to whole micro-units, half away from zero."""
    scaled = ROUNDED.multiply(amount, Decimal(MICRO))
    return int(scaled.to_integral_value(rounding="ROUND_HALF_UP"))
