"""How much is traded (docs/rules.md, R20): a fixed multiple of the instrument's standard lots."""

import math
from decimal import ROUND_FLOOR, Decimal

from domain.units import EXACT, Lots


def entry_lots(multiple: float, standard_lots: int) -> Lots:
    """Lots of an entry: `multiple` as it is written, times `standard_lots`, rounded down.

    0 where the multiple is no number or not above 0; risk refuses such an order (R11).
    """
    if not math.isfinite(multiple) or multiple <= 0:
        return Lots(0)
    # The shortest text of the double is what a person wrote: 0.29 of 100 lots are 29, not 28.
    exact = EXACT.multiply(Decimal(repr(float(multiple))), Decimal(standard_lots))
    return Lots(max(0, int(exact.to_integral_value(rounding=ROUND_FLOOR))))
