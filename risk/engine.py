"""The risk engine: the only maker of `Approved` (docs/rules.md, section 5).

Pure: time and state come in with the view, the approvals that it needs it remembers itself. An
entry passes only if every rule says so; an exit is stopped by its form and its size alone.
"""

import math
from typing import Final

import msgspec

from domain.enums import Purpose, Refusal
from domain.limits import NUMBERS, Limits
from domain.orders import Approved, Order, Refused
from domain.units import MICRO
from risk.approvals import Approvals
from risk.rules import ENTRY_RULES, EXIT_RULES, Case, Numbers, first_broken, inside_hard_collar
from risk.view import RiskView

_MILLI_NS: Final = 1_000_000


class RiskEngine:
    """Turns orders into approved or refused ones. One per account; it counts its own approvals."""

    def __init__(self, limits: Limits) -> None:
        self._missing = limits.missing()
        self._limits = Numbers(
            **{
                name: math.nan
                if f"limits.{name}" in self._missing
                else float(getattr(limits, name))
                for name in NUMBERS
            }
        )
        self._settings = limits
        self._allow = frozenset(limits.allow)
        self._approvals = Approvals(self._limits.duplicate_window_ms * _MILLI_NS)

    def problems(self) -> list[str]:
        """Why no entry can pass, whatever the market does: a line for each setting at fault."""
        found = [f"{key} must be stated, finite and above 0" for key in self._missing]
        if self._limits.exit_reserve >= self._limits.orders_per_day:
            found.append("limits.exit_reserve must be below limits.orders_per_day")
        return [f"{line}: until then every entry is refused" for line in found]

    def roll_day(self) -> None:
        """The account's day began: its orders are counted anew."""
        self._approvals.today = 0

    def review(self, order: Order, view: RiskView) -> Approved | Refused:
        """Hold one order against the rules of its purpose, and remember it if it passes.

        An approved exit may carry another limit than `order`: the edge of the hard collar (R19).
        """
        if order.purpose is Purpose.ENTRY:
            return self._review_entry(order, view)
        return self._review_exit(order, view)

    def _review_entry(self, order: Order, view: RiskView) -> Approved | Refused:
        if self._missing:  # R1
            return self._limit_missing(order)
        return first_broken(self._case(order, view), ENTRY_RULES) or self._approve(order, view)

    def _review_exit(self, order: Order, view: RiskView) -> Approved | Refused:
        """R19."""
        if refused := first_broken(self._case(order, view), EXIT_RULES):
            return refused
        limit = inside_hard_collar(order.limit, view, self._limits.hard_collar_bps)
        if limit != order.limit:
            order = msgspec.structs.replace(order, limit=limit)
        return self._approve(order, view)

    def _limit_missing(self, order: Order) -> Refused:
        key = self._missing[0]
        value = getattr(self._settings, key.removeprefix("limits."))
        actual = float(value) if isinstance(value, int | float) else math.nan
        return Refused(order, Refusal.LIMIT_MISSING, 0.0, actual, key)

    def _case(self, order: Order, view: RiskView) -> Case:
        held = view.position_lots + view.working_entry_lots + order.lots
        return Case(
            order,
            view,
            self._limits,
            self._approvals,
            "*" in self._allow or view.market in self._allow,
            order.limit * order.lots * view.value / MICRO,
            order.limit * held * view.value / MICRO,
        )

    def _approve(self, order: Order, view: RiskView) -> Approved:
        self._approvals.add(order, view.now_ns)
        return Approved(order)
