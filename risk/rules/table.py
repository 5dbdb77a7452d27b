"""The order in which the rules are tried: the first that is broken names the refusal."""

from typing import Final

from domain.orders import Refused
from risk.rules import counts, exposure, form, losses, permission
from risk.rules.case import Case, Rule

# R2 to R18b. R1 comes before them.
ENTRY_RULES: Final[tuple[Rule, ...]] = (
    permission.not_allowed,
    permission.not_shortable,
    permission.outside_session,
    permission.other_origin,
    permission.trading_state,
    permission.locked,
    permission.unreviewed,
    permission.daily_loss,
    permission.cool_down,
    counts.duplicate,
    counts.order_rate,
    counts.orders_per_day,
    counts.trades_per_session,
    counts.repeated_entries,
    form.stale_quote,
    form.bad_price,
    form.bad_lots,
    form.min_notional,
    form.price_collar,
    exposure.order_notional,
    exposure.position_notional,
    exposure.open_positions,
    exposure.gross_notional,
    exposure.group_notional,
    exposure.leverage,
    exposure.margin,
    losses.trade_loss,
    losses.heat,
    losses.liquidation,
)
# R19, for the order as it is wished; its limit is moved into the hard collar afterwards.
EXIT_RULES: Final[tuple[Rule, ...]] = (
    form.bad_price,
    form.bad_lots,
    counts.duplicate,
    form.exceeds_position,
)


def first_broken(case: Case, rules: tuple[Rule, ...]) -> Refused | None:
    """The refusal by the first of these rules that does not hold."""
    for rule in rules:
        broken = rule(case)
        if broken is not None:
            code, limit, actual = broken.code, broken.limit, broken.actual
            return Refused(case.order, code, limit, actual, broken.key, broken.until_ns)
    return None
