"""What is counted per market: trades since a review, entries of a session, repeats, refusals."""

from collections import defaultdict

from domain.enums import Side
from domain.orders import Order
from domain.risk_state import CountsState
from risk.times import Recently, span_ns, whole


class MarketCounts:
    """Counts by a market's name. One that was never counted stands at 0."""

    def __init__(self, repeated: tuple[float, float], burst: tuple[float, float]) -> None:
        """Both are (most that a rule asks about, its window in seconds)."""
        self._trades: defaultdict[str, int] = defaultdict(int)
        self._entries: defaultdict[str, int] = defaultdict(int)
        self._with_sessions: set[str] = set()
        self._repeated: dict[tuple[str, Side], Recently] = {}
        self._refused: dict[str, Recently] = {}
        self._repeats = (span_ns(repeated[1]), whole(repeated[0]))
        self._burst = (span_ns(burst[1]), whole(burst[0]))

    def state(self) -> CountsState:
        """What a restart must not forget."""
        return CountsState(
            tuple(self._trades.items()),
            tuple(self._entries.items()),
            tuple(sorted(self._with_sessions)),
            tuple((*key, recently.times()) for key, recently in self._repeated.items()),
            tuple((market, recently.times()) for market, recently in self._refused.items()),
        )

    def restore(self, state: CountsState) -> None:
        """Go on with what `state` said."""
        self._trades = defaultdict(int, state.trades)
        self._entries = defaultdict(int, state.entries)
        self._with_sessions = set(state.with_sessions)
        self._repeated, self._refused = {}, {}
        for market, side, times in state.repeated:
            again = self._repeated[market, side] = Recently(*self._repeats)
            for time_ns in times:
                again.add(time_ns)
        for market, times in state.refused:
            again = self._refused[market] = Recently(*self._burst)
            for time_ns in times:
                again.add(time_ns)

    def traded(self, market: str) -> None:
        """A trade closed (R3b)."""
        self._trades[market] += 1

    def approved(self, market: str, order: Order, now_ns: int) -> None:
        """An entry or addition was let through (R8a, R8b)."""
        if not order.addition:
            self._entries[market] += 1
        side = (market, order.side)
        self._repeated.setdefault(side, Recently(*self._repeats)).add(now_ns)

    def refused(self, market: str, now_ns: int) -> int:
        """One of the refusals of L4 more; how many there are in its window."""
        refused = self._refused.setdefault(market, Recently(*self._burst))
        refused.add(now_ns)
        return refused.count(now_ns)

    def unreviewed(self, market: str) -> int:
        """Trades that closed since the start or a release (R3b)."""
        return self._trades[market]

    def of_session(self, market: str) -> int:
        """Entries, additions not counted, since the session's edge or the day's roll (R8a)."""
        return self._entries[market]

    def repeated(self, market: str, side: Side, now_ns: int) -> int:
        """Entries and additions of a market and side in the window of R8b."""
        times = self._repeated.get((market, side))
        return 0 if times is None else times.count(now_ns)

    def session_began(self, market: str) -> None:
        """A session's edge: from now on the day's roll does not concern this market."""
        self._with_sessions.add(market)
        self._entries[market] = 0

    def roll_day(self) -> None:
        """The day of markets without sessions begins anew."""
        for market in self._entries:
            if market not in self._with_sessions:
                self._entries[market] = 0

    def release(self, market: str | None) -> None:
        """A person looked at a market, or at all: R3b, R8b and L4 count anew."""
        if market is None:
            self._trades.clear()
            self._repeated.clear()
            self._refused.clear()
            return
        self._trades.pop(market, None)
        self._refused.pop(market, None)
        for side in Side:
            self._repeated.pop((market, side), None)
