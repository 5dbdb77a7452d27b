"""The approvals that risk remembers: for duplicates, the order rate and the day's count."""

from collections import deque
from typing import Final

from domain.enums import ExitReason
from domain.orders import Order
from domain.risk_state import ApprovalsState
from domain.units import SECOND_NS

KEPT: Final = 4096  # the oldest is forgotten beyond this; `full` then refuses entries


class Approvals:
    """Approved orders of the last second and the duplicate window, and how many the day had."""

    def __init__(self, window_ns: float) -> None:
        """`window_ns` is the duplicate window; NaN: there is none."""
        self.today = 0
        self._window_ns = window_ns
        self._kept_ns = max(SECOND_NS, window_ns)
        self._recent: deque[tuple[int, Order]] = deque(maxlen=KEPT)

    def add(self, order: Order, now_ns: int) -> None:
        """Remember an approval, forget what no rule can ask for any more."""
        recent = self._recent
        while recent and now_ns - recent[0][0] >= self._kept_ns:
            recent.popleft()
        recent.append((now_ns, order))
        self.today += 1

    def state(self) -> ApprovalsState:
        """What a restart must not forget."""
        return ApprovalsState(self.today, tuple(self._recent))

    def restore(self, state: ApprovalsState) -> None:
        """Go on with what `state` said."""
        self.today = state.today
        self._recent = deque(state.recent, maxlen=KEPT)

    def full(self, now_ns: int) -> bool:
        """Something was, or is about to be, forgotten that a rule would still ask for."""
        recent = self._recent
        return len(recent) == KEPT and now_ns - recent[0][0] < self._kept_ns

    def last_second(self, now_ns: int) -> int:
        """How many orders were approved in (now - 1 s, now]."""
        count = 0
        for time_ns, _ in reversed(self._recent):
            if now_ns - time_ns >= SECOND_NS:
                break
            count += 1
        return count

    def duplicate_age_ns(self, order: Order, now_ns: int) -> int | None:
        """Age of the latest approval inside the window that `order` repeats (R6)."""
        for time_ns, before in reversed(self._recent):
            age_ns = now_ns - time_ns
            if not age_ns < self._window_ns:
                return None
            if (
                before.market == order.market
                and before.lots == order.lots
                and before.purpose is order.purpose
                and before.direction == order.direction
                and (before.reason is ExitReason.PARTIAL) == (order.reason is ExitReason.PARTIAL)
                and abs(before.limit - order.limit) <= 1
            ):
                return age_ns
        return None
