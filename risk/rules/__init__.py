"""The rules of section 5 of docs/rules.md: one small function each, and the order they run in."""

from typing import Final

from domain.enums import Refusal
from domain.orders import Refused
from risk.rules import exposure, frequency, order_form, permission
from risk.rules.case import Case, Rules

# R2, R3, in this order: the first that fails names the refusal. R1 comes before them, locks (R3a)
# between them and the others.
PERMISSION_RULES: Final[Rules] = (
    (Refusal.NOT_ALLOWED, permission.not_allowed),
    (Refusal.NOT_SHORTABLE, permission.not_shortable),
    (Refusal.OUTSIDE_SESSION, permission.outside_session),
    (Refusal.TRADING_STATE, permission.trading_state),
)
# R3b to R18b.
ENTRY_RULES: Final[Rules] = (
    (Refusal.UNREVIEWED, permission.unreviewed),
    (Refusal.DAILY_LOSS, permission.daily_loss),
    (Refusal.COOL_DOWN, permission.cool_down),
    (Refusal.DUPLICATE, frequency.duplicate),
    (Refusal.ORDER_RATE, frequency.order_rate),
    (Refusal.ORDERS_PER_DAY, frequency.orders_per_day),
    (Refusal.TRADES_PER_SESSION, frequency.trades_per_session),
    (Refusal.REPEATED_ENTRIES, frequency.repeated_entries),
    (Refusal.STALE_QUOTE, order_form.stale_quote),
    (Refusal.BAD_PRICE, order_form.bad_price),
    (Refusal.BAD_LOTS, order_form.bad_lots),
    (Refusal.MIN_NOTIONAL, order_form.min_notional),
    (Refusal.PRICE_COLLAR, order_form.price_collar),
    (Refusal.ORDER_NOTIONAL, order_form.order_notional),
    (Refusal.POSITION_NOTIONAL, exposure.position_notional),
    (Refusal.OPEN_POSITIONS, exposure.open_positions),
    (Refusal.GROSS_NOTIONAL, exposure.gross_notional),
    (Refusal.GROUP_NOTIONAL, exposure.group_notional),
    (Refusal.LEVERAGE, exposure.leverage),
    (Refusal.MARGIN, exposure.margin),
    (Refusal.TRADE_LOSS, exposure.trade_loss),
    (Refusal.HEAT, exposure.heat),
    (Refusal.LIQUIDATION, exposure.liquidation),
)
# R19, for the order as it is wished; its limit is moved into the hard collar afterwards.
EXIT_RULES: Final[Rules] = (
    (Refusal.BAD_PRICE, order_form.bad_price),
    (Refusal.BAD_LOTS, order_form.bad_lots),
    (Refusal.DUPLICATE, frequency.duplicate),
    (Refusal.EXCEEDS_POSITION, order_form.exceeds_position),
)


def first_broken(case: Case, rules: Rules) -> Refused | None:
    """The refusal by the first of these rules that does not hold."""
    for code, rule in rules:
        broken = rule(case)
        if broken is not None:
            return Refused(case.order, code, broken.limit, broken.actual, broken.key)
    return None
