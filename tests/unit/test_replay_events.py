"""Between the ticks: zone offsets, funding and margin at their times (C9, I6, V1, V2)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import polars as pl
import pytest

from agent.replay.events import Due, events_of
from agent.replay.funding import with_funding
from agent.replay.loading import Market, load
from config.catalog import load_playbook
from domain.account import AccountSettings
from domain.errors import BadConfig
from domain.events import DayRoll, EndOfData, Funding, MarketSet, SessionEdge, ZoneOffset
from domain.instruments import (
    FundingTerms,
    MarginSchedule,
    MarginTerms,
    MarginTier,
    SessionHours,
)
from domain.units import SECOND_NS
from market.history.funding import Stamp
from market.history.merge import WEEK_NS, merge, repetitions
from recorded import recorded
from tick_files import START_NS, at, source
from trading_cases import COIN

D = Decimal
ACCOUNT: Final = AccountSettings(
    currency="USD", start_equity=D(1_000), zone="UTC", day_roll="00:00", rates={}
)
MIDNIGHT_S: Final = 6_400  # after the ticks' start, 2023-11-14 22:13:20 UTC
TERMS: Final = FundingTerms(interval_hours=8, stamp="00:00", assumed_rate=D("0.0001"))
HOUR_NS: Final = 3600 * SECOND_NS


def market(name: str = "COIN", **changes: object) -> Market:
    return Market(msgspec.structs.replace(COIN, name=name, **changes), D(1))


def paying(*stamps: tuple[float, str]) -> Market:
    """A market with recorded stamps of (seconds, rate)."""
    funding = tuple(Stamp(at(seconds), D(rate)) for seconds, rate in stamps)
    return msgspec.structs.replace(market(funding=TERMS), funding=funding)


def events(
    markets: Sequence[Market],
    *seconds: Sequence[float],
    account: AccountSettings = ACCOUNT,
    repetition: int = 0,
) -> list[Due]:
    """Of one file a market, with ticks at these seconds."""
    sources = [source(f"{n}.parquet", n, *each) for n, each in enumerate(seconds)]
    timelines = list(repetitions(merge(sources), repetition + 1))
    return events_of(timelines[repetition], markets, load_playbook("baseline"), account, 0)


def funded(due: Sequence[Due]) -> list[tuple[int, int, str, Decimal]]:
    """Index, ns after the start, market and rate of each funding stamp."""
    return [
        (each.index, each.event.event_ns - START_NS, each.event.market, each.event.rate)
        for each in due
        if isinstance(each.event, Funding)
    ]


def offsets(due: Sequence[Due]) -> list[tuple[int, float, str, float]]:
    """Index, seconds after the start, market and hours of each zone offset."""
    return [
        (
            each.index,
            (each.event.event_ns - START_NS) / SECOND_NS,
            each.event.market,
            each.event.offset_ns / HOUR_NS,
        )
        for each in due
        if isinstance(each.event, ZoneOffset)
    ]


def test_funding_acts_before_a_tick_of_an_equal_or_later_stamp() -> None:
    due = events([paying((5, "0.0001"), (6.5, "-0.0002"))], [0, 5, 6, 7])
    assert funded(due) == [
        (1, 5 * SECOND_NS, "COIN", D("0.0001")),
        (3, 6_500_000_000, "COIN", D("-0.0002")),
    ]


@pytest.mark.data
def test_recorded_funding_is_paid_at_its_recorded_stamp(tmp_path: Path) -> None:
    path = recorded("ticks/crypto/BTCUSDT-usdm-20240808.parquet")
    # By the venue's clock the file crosses midnight, by the receiver's it ends a second before.
    timed = tmp_path / path.name
    pl.read_parquet(path).drop("recv_ns").write_parquet(timed)
    made = load([timed], None, ACCOUNT, lambda _stage, _done, _total: None)
    made = with_funding(made, [recorded("funding/BTCUSDT-usdm.parquet")])
    timeline = merge(made.sources)
    due = events_of(timeline, made.markets, load_playbook("baseline"), ACCOUNT, 0)
    ((index, _, name, rate),) = funded(due)
    midnight = 1_723_161_600 * SECOND_NS
    assert (name, rate) == ("BTCUSDT-usdm", D("0.00004994"))
    before, after = timeline.ticks["event_ns"][index - 1 : index + 1]
    assert before < midnight <= after


def test_funding_outside_the_market_s_span_is_left_out() -> None:
    due = events([paying((-1, "0.1"), (0, "0.2"), (7, "0.3"), (7.001, "0.4"))], [0, 5, 7])
    assert [(index, rate) for index, _, _, rate in funded(due)] == [(0, D("0.2")), (2, D("0.3"))]


def test_funding_between_two_spans_of_a_market_is_left_out() -> None:
    timeline = merge([source("a.parquet", 0, 0, 10), source("b.parquet", 0, 200, 210)])
    playbook = load_playbook("baseline")
    paid = paying((10, "0.1"), (100, "0.2"), (200, "0.3"))
    due = events_of(timeline, [paid], playbook, ACCOUNT, 0)
    assert [rate for _, _, _, rate in funded(due)] == [D("0.1"), D("0.3")]


def test_each_market_pays_its_own_funding_where_it_runs() -> None:
    other = msgspec.structs.replace(market("MINT"), funding=(Stamp(at(4), D("0.2")),))
    due = events([paying((4, "0.1")), other], [0, 3, 9], [3.5, 4, 5])
    assert sorted((index, name) for index, _, name, _ in funded(due)) == [(3, "COIN"), (3, "MINT")]


def test_a_mark_price_is_handed_on() -> None:
    funding = (Stamp(at(1), D("0.1"), D("60000.1")), Stamp(at(2), D("0.1")))
    due = events([msgspec.structs.replace(market(), funding=funding)], [0, 5])
    marks = [each.event.mark for each in due if isinstance(each.event, Funding)]
    assert marks == [D("60000.1"), None]


def test_without_recorded_stamps_those_of_the_terms_are_assumed() -> None:
    due = events([market(funding=TERMS)], [0, 7_000])
    assert funded(due) == [(1, MIDNIGHT_S * SECOND_NS, "COIN", D("0.0001"))]


def test_recorded_stamps_take_the_place_of_assumed_ones() -> None:
    assert funded(events([paying((-9, "0.1"))], [0, 7_000])) == []


def test_what_is_no_perpetual_pays_no_funding() -> None:
    assert funded(events([market()], [0, 7_000])) == []


def test_a_repetition_pays_at_shifted_stamps() -> None:
    due = events([paying((5, "0.1"), (9, "0.2"))], [0, 5, 7], repetition=2)
    assert funded(due) == [(1, 2 * WEEK_NS + 5 * SECOND_NS, "COIN", D("0.1"))]


def test_a_day_begins_before_funding_of_the_same_time_is_paid() -> None:
    kinds = [type(each.event) for each in events([market(funding=TERMS)], [0, 7_000])]
    assert kinds == [MarketSet, ZoneOffset, DayRoll, Funding, EndOfData]


def test_at_its_start_a_market_is_set_before_its_zone_session_and_funding() -> None:
    hours = SessionHours(zone="UTC", days=("tue",), open="20:00", close="23:59", cut_off="23:58")
    where = msgspec.structs.replace(paying((0, "0.1")))
    where = Market(msgspec.structs.replace(where.instrument, session=hours), D(1), where.funding)
    kinds = [type(each.event) for each in events([where], [0, 5])]
    assert kinds == [MarketSet, ZoneOffset, SessionEdge, Funding, EndOfData]


def test_a_market_without_a_session_follows_the_account_s_zone() -> None:
    account = msgspec.structs.replace(ACCOUNT, zone="Asia/Kolkata")
    assert offsets(events([market()], [3, 5], account=account)) == [(0, 3, "COIN", 5.5)]


def test_a_market_with_a_session_follows_the_zone_of_that() -> None:
    hours = SessionHours(
        zone="America/New_York", days=("tue",), open="09:30", close="16:00", cut_off="15:45"
    )
    due = events([market(session=hours), market("MINT")], [0, 5], [1, 5])
    assert offsets(due) == [(0, 0, "COIN", -5), (1, 1, "MINT", 0)]


NEW_YORK: Final = msgspec.structs.replace(ACCOUNT, zone="America/New_York")
CHANGE_S: Final = 1_710_054_000 - START_NS // SECOND_NS  # 2024-03-10 07:00 UTC


def test_a_change_of_the_clock_acts_before_a_tick_of_its_time() -> None:
    seconds = (CHANGE_S - 20, CHANGE_S - 1, CHANGE_S, CHANGE_S + 1)
    assert offsets(events([market()], seconds, account=NEW_YORK)) == [
        (0, CHANGE_S - 20, "COIN", -5),
        (2, CHANGE_S, "COIN", -4),
    ]


def test_a_repetition_keeps_the_offsets_of_the_recorded_time() -> None:
    # Shifted by weeks the span lies in summer time altogether.
    shift_s = 2 * WEEK_NS // SECOND_NS
    due = events([market()], (CHANGE_S - 1, CHANGE_S + 1), account=NEW_YORK, repetition=2)
    assert offsets(due) == [
        (0, CHANGE_S - 1 + shift_s, "COIN", -5),
        (1, CHANGE_S + shift_s, "COIN", -4),
    ]


def margin(*since: date) -> MarginTerms:
    tiers = (MarginTier(from_notional=D(0), rate=D("0.01")),)
    schedules = tuple(MarginSchedule(since=day, tiers=tiers) for day in since)
    return MarginTerms(leverage=D(5), liquidation_fee=D(0), schedules=schedules)


@pytest.mark.parametrize("repetition", [0, 2])
def test_a_market_is_set_with_the_margin_of_the_recorded_time(repetition: int) -> None:
    terms = margin(date(2020, 1, 1), date(2023, 11, 14), date(2023, 11, 20))
    first = events([market(margin=terms)], [0, 5], repetition=repetition)[0].event
    assert isinstance(first, MarketSet)
    assert first.instrument.margin == margin(date(2023, 11, 14))


def test_data_older_than_every_margin_schedule_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"COIN: margin\.schedules: none is in force on 2023-11-14"):
        events([market(margin=margin(date(2024, 1, 1)))], [0, 5])
