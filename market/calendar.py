"""What the calendar does to a market or an account in a span of time, as events of the core.

Computed outside the core, which knows neither zones nor holidays: sessions, daylight saving, the
account's days, and funding by an instrument's terms.
"""

from collections.abc import Iterator

from domain.account import AccountSettings
from domain.events import DayRoll, Event, Funding, SessionEdge, ZoneOffset
from domain.instruments import Instrument
from domain.units import TsNs
from market.history.funding import Stamp, assumed_stamps
from market.sessions import day_rolls, session_edges, zone_offsets


def market_events(
    instrument: Instrument,
    name: str,
    account: AccountSettings,
    span: tuple[int, int],
    recorded: tuple[Stamp, ...] | None = None,
) -> Iterator[Event]:
    """Of one market, from the start of a span to its end, kind by kind.

    name      of the market's row.
    recorded  funding stamps; None: those that the instrument's terms assume (V1).
    """
    start_ns, end_ns = span
    session = instrument.session
    if session is not None:
        for edge in session_edges(session, start_ns, end_ns):
            yield SessionEdge(
                event_ns=TsNs(edge.event_ns),
                market=name,
                open_ns=TsNs(edge.open_ns),
                cut_off_ns=TsNs(edge.cut_off_ns),
                close_ns=TsNs(edge.close_ns),
            )
    zone = account.zone if session is None else session.zone
    for at_ns, offset_ns in zone_offsets(zone, start_ns, end_ns):
        yield ZoneOffset(event_ns=TsNs(at_ns), market=name, offset_ns=offset_ns)
    for stamp in _stamps(instrument, recorded, start_ns, end_ns):
        yield Funding(event_ns=TsNs(stamp.at_ns), market=name, rate=stamp.rate, mark=stamp.mark)


def account_days(account: AccountSettings, start_ns: int, end_ns: int) -> Iterator[DayRoll]:
    """The account's days that begin after the start of a span and not after its end (T2)."""
    for at_ns in day_rolls(account.zone, account.day_roll, start_ns, end_ns):
        yield DayRoll(event_ns=TsNs(at_ns))


def _stamps(
    instrument: Instrument, recorded: tuple[Stamp, ...] | None, start_ns: int, end_ns: int
) -> Iterator[Stamp]:
    if recorded is not None:
        yield from (stamp for stamp in recorded if start_ns <= stamp.at_ns <= end_ns)
    elif instrument.funding is not None:
        yield from assumed_stamps(instrument.funding, start_ns, end_ns)
