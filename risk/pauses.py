"""L1 and L2: losses in a row, and fills beyond their quotes, pause the entries of all markets."""

from statistics import median

from domain.enums import OrderKind, StateCause
from domain.locks import Pause
from domain.orders import Fill
from domain.portfolio import Trade
from domain.risk_state import SlippageState
from risk.times import end_ns, whole


class LossStreak:
    """Counts losing trades in a row, whatever their market."""

    def __init__(self, limit: float, pause_s: float) -> None:
        self._limit = limit
        self._pause_s = pause_s
        self._losses = 0

    def state(self) -> int:
        """What a restart must not forget."""
        return self._losses

    def restore(self, losses: int) -> None:
        """Go on with what `state` said."""
        self._losses = losses

    def forget(self) -> None:
        """Count anew."""
        self._losses = 0

    def traded(self, trade: Trade, now_ns: int) -> Pause | None:
        """The pause that this trade brings, if any."""
        self._losses = self._losses + 1 if trade.lost else 0
        losses = self._losses
        if not losses >= self._limit:
            return None
        self._losses = 0
        until_ns = end_ns(now_ns, self._pause_s)
        cause = StateCause.LOSS_STREAK
        return Pause(cause, until_ns, self._limit, float(losses), "limits.loss_streak")


class Slippage:
    """Remembers how far beyond the quote of their decisions the latest IOC orders traded."""

    def __init__(self, orders: float, limit_bps: float, pause_s: float) -> None:
        self._most = whole(orders)
        self._limit_bps = limit_bps
        self._pause_s = pause_s
        self._filled: dict[str, tuple[int, int]] = {}  # lots, and ticks x lots, by order
        self._slips: dict[str, float] = {}  # bp, by order, oldest first

    def state(self) -> SlippageState:
        """What a restart must not forget."""
        return SlippageState(
            tuple((key, *self._filled[key], slip) for key, slip in self._slips.items())
        )

    def restore(self, state: SlippageState) -> None:
        """Go on with what `state` said."""
        self._filled = {key: (lots, turnover) for key, lots, turnover, _ in state.orders}
        self._slips = {key: slip for key, _, _, slip in state.orders}

    def forget(self) -> None:
        """Remember no order any more."""
        self._filled.clear()
        self._slips.clear()

    def filled(self, fill: Fill) -> Pause | None:
        """The pause that this fill brings, if any."""
        order, key = fill.order, fill.order.client_id
        if order.kind is not OrderKind.IOC:
            return None
        lots, turnover = self._filled.get(key, (0, 0))
        lots, turnover = lots + fill.lots, turnover + fill.price * fill.lots
        self._filled[key] = (lots, turnover)
        self._slips[key] = _slip_bps(fill, turnover / lots)
        if len(self._slips) > self._most:
            oldest = next(iter(self._slips))
            del self._slips[oldest], self._filled[oldest]
        if len(self._slips) < self._most:
            return None
        middle = median(self._slips.values())
        if not middle > self._limit_bps:
            return None
        self.forget()
        until_ns = end_ns(fill.time_ns, self._pause_s)
        cause, key = StateCause.SLIPPAGE, "limits.max_slippage_bps"
        return Pause(cause, until_ns, self._limit_bps, middle, key)


def _slip_bps(fill: Fill, average: float) -> float:
    """How far beyond its quote the order of a fill traded so far; infinite without a quote."""
    order = fill.order
    mid = order.mid_half
    if mid < 1:
        return float("inf")
    return 1e4 * (order.direction * (2 * average - mid) - order.spread) / mid
