"""What each open trade was entered for: the profits that protections look at are shares of it."""

import math

from domain.costs import notional_micro
from domain.enums import Purpose
from domain.orders import Fill, Order
from domain.units import MICRO
from risk.view import RiskView


class EntryNotionals:
    """Sums the entry fills of each market, at the terms its latest order was approved on."""

    def __init__(self) -> None:
        self._terms: dict[int, tuple[str, float, bool]] = {}
        self._sums: dict[str, float] = {}

    def approved(self, order: Order, view: RiskView) -> None:
        """The market's name, and what its ticks and lots are worth."""
        self._terms[order.market] = (view.market, view.value, view.inverse)

    def filled(self, fill: Fill) -> None:
        """An entry's fill adds to the open trade of its market."""
        terms = self._terms.get(fill.order.market)
        if terms is None or fill.order.purpose is not Purpose.ENTRY:
            return
        market, value, inverse = terms
        notional = notional_micro(float(fill.price), float(fill.lots), value, inverse)
        self._sums[market] = self._sums.get(market, 0.0) + notional

    def closed(self, market: str) -> float:
        """Of the trade that ended here, in money; NaN if risk was told of none of its entries."""
        return self._sums.pop(market, math.nan) / MICRO
