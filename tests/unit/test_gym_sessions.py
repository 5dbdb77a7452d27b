"""Sessions of the gym: what they are made of, that they repeat, and how their money goes."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from agent.gym.course import course_of, worst_place
from agent.gym.limit_use import limit_use
from agent.gym.run import GymRequest, run_gym
from agent.gym.scenarios import chosen, scenarios
from agent.gym.session import play
from agent.gym.table import END, START, with_tables
from agent.replay.verify import verify
from config.state_folder import HOME_VARIABLE
from db.recording.reader import segments
from domain.enums import TickKind
from domain.errors import BadUsage
from domain.events import EndOfData, Funding, Gap, MarketSet, SessionEdge
from domain.units import SECOND_NS
from gym_samples import SHORT, named, played, share_day, short, wanted
from market.simulated.simulator import SimulatedMarket
from source_tree import ROOT


def test_there_are_twenty_sessions_of_different_names() -> None:
    assert len({each.name for each in scenarios()}) == len(scenarios()) == 20
    assert all(each.sentence.endswith(".") and len(each.name) <= 18 for each in scenarios())


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda each: each.name)
def test_a_session_can_be_simulated_and_its_moment_lies_in_it(scenario: object) -> None:
    known = named(scenario.name)  # type: ignore[attr-defined]  # a Scenario
    rows = SimulatedMarket(known.world_of(1)).seconds(known.seconds)
    assert rows["event_ns"][0] <= known.moment_ns < rows["event_ns"][-1]


def test_no_two_sessions_of_a_seed_and_no_two_seeds_of_a_session_draw_alike() -> None:
    seeds = {each.world_of(seed).seed for each in scenarios() for seed in (1, 2)}
    assert len(seeds) == 40


def test_sessions_are_chosen_by_name_in_their_own_order() -> None:
    assert [each.name for each in chosen(["feed-gap", "quiet"])] == ["quiet", "feed-gap"]
    assert chosen([]) == scenarios()
    with pytest.raises(BadUsage, match=r"no scenario 'flash-crush': did you mean 'flash-crash'\?"):
        chosen(["flash-crush"])


def mids(name: str) -> list[float]:
    """Quoted by the first market of a session."""
    scenario = named(name)
    rows = SimulatedMarket(scenario.world_of(1)).seconds(scenario.seconds)
    quotes = rows[(rows["market"] == 0) & (rows["kind"] == TickKind.QUOTE)]
    middle: list[float] = (0.5 * (quotes["bid"] + quotes["ask"])).tolist()
    return middle


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("quiet", 0.99, 1.01),
        ("trend-day", 1.04, 1.14),
        ("slow-bleed", 0.97, 0.99),
        ("session-end", 1.03, 1.12),
    ],
)
def test_prices_end_where_the_name_says(name: str, least: float, most: float) -> None:
    found = mids(name)
    assert least < found[-1] / found[0] < most


@pytest.mark.parametrize(
    ("name", "fall"), [("flash-crash", 0.02), ("melt-up", 0.019), ("correlated-fall", 0.03)]
)
def test_prices_fall_from_their_highest_where_the_name_says(name: str, fall: float) -> None:
    found = np.array(mids(name))
    assert np.max(1 - found / np.maximum.accumulate(found)) > fall


def test_every_market_is_set_and_ended_and_told_of_its_lost_ticks() -> None:
    events = short().events
    for kind in (MarketSet, EndOfData):
        assert len([each for each in events if isinstance(each, kind)]) == 2
    gaps = [each for each in events if isinstance(each, Gap)]
    assert {each.market for each in gaps} == {"SIM-COIN", "SIM-ALT"}
    assert all(each.lost > 10 for each in gaps)
    first_ns = SHORT.world.start_ns + 68 * SECOND_NS
    assert all(first_ns <= each.event_ns < first_ns + SECOND_NS for each in gaps)


def test_a_share_has_its_hours_and_a_perpetual_is_paid_the_drawn_rate() -> None:
    assert [each for each in share_day().events if isinstance(each, SessionEdge)]
    funding = played("funding-stamp").evidence
    rates = [each.rate for each in funding.events if isinstance(each, Funding)]
    assert len(rates) == 2
    assert all(rate != 0 for rate in rates)


def test_crossed_quotes_are_dropped_and_counted() -> None:
    assert {kind.word: count for kind, count in played().dropped.items()} == {"crossed": 1}


def test_a_session_is_the_same_whenever_it_is_played(tmp_path: Path) -> None:
    again = play(wanted(SHORT, tmp_path / "again"))
    assert again.decision_hash == played().decision_hash
    files = (sorted(each.rglob("*.*puts")) for each in (tmp_path, short().recording))
    assert [each.read_bytes() for each in next(files)] == [
        each.read_bytes() for each in next(files)
    ]
    other = play(wanted(SHORT, tmp_path / "other", seed=2))
    assert other.decision_hash != again.decision_hash


def test_a_recording_is_marked_simulated_and_verifies() -> None:
    found = verify(short().recording, lambda *_: None)
    assert found.equal
    assert {each.header.mode for each in segments(short().recording)} == {"simulated"}


@pytest.mark.parametrize("name", ["short", "session-end", "funding-stamp"])
def test_the_course_of_money_ends_and_falls_as_in_the_core(name: str) -> None:
    evidence = played(name).evidence
    course = course_of(evidence)
    assert course.equity[-1] == pytest.approx(float(evidence.equity), abs=1e-6)
    assert course.drawdown.max() == pytest.approx(float(evidence.max_drawdown), abs=0.01)
    assert not course.held[:, -1].any()


def test_the_deepest_drawdown_is_where_equity_is_furthest_below_its_highest() -> None:
    course = course_of(short())
    place = worst_place(course)
    assert place is not None
    peak = max(100_000.0, float(course.equity[: place + 1].max()))
    assert peak - course.equity[place] == course.drawdown.max()


def test_nothing_falls_where_nothing_is_traded(tmp_path: Path) -> None:
    idle = play(wanted(SHORT, tmp_path / "idle", playbook="sniper")).evidence
    assert idle.trades == ()
    assert worst_place(course_of(idle)) is None
    assert {each.share for each in limit_use(idle, course_of(idle))} == {0.0}


def test_use_of_limits_is_measured_and_the_most_used_comes_first() -> None:
    evidence = short()
    uses = limit_use(evidence, course_of(evidence))
    found = {each.key.removeprefix("limits."): each for each in uses}
    assert [each.share for each in uses] == sorted((each.share for each in uses), reverse=True)
    assert found["orders_per_day"].used == len(evidence.approved)
    assert found["max_order_notional"].used == pytest.approx(1_200, rel=0.05)
    assert found["max_position_notional"].used == pytest.approx(2_400, rel=0.05)  # it adds once
    assert found["max_gross_notional"].used == pytest.approx(3_600, rel=0.05)
    lost = max(-float(trade.net) for trade in evidence.trades)
    assert found["max_trade_loss"].used >= lost - 1e-9
    assert found["max_drawdown"].used == pytest.approx(float(evidence.max_drawdown), abs=0.01)


def test_a_day_counts_for_itself() -> None:
    evidence = played("gap-open").evidence
    course, (roll_ns,) = course_of(evidence), evidence.day_rolls_ns
    next_day = int(np.searchsorted(course.times_ns, roll_ns))
    assert course.day[next_day - 1] < 0
    assert course.day[next_day] == 0
    assert course.drawdown[next_day] > 0


def test_the_tables_of_the_page_are_the_generated_ones() -> None:
    page = (ROOT / "docs" / "gym.md").read_text()
    assert with_tables(page) == page
    with pytest.raises(ValueError, match="lacks the marks"):
        with_tables(page.replace(START, "").replace(END, ""))


def test_sessions_beside_each_other_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    told: list[tuple[str, int, int]] = []
    both = GymRequest(scenarios=("quiet", "news-spike"))
    summary = run_gym(both, lambda *now: told.append(now))
    alone = run_gym(replace(both, scenarios=("news-spike",)), lambda *_: None)
    assert summary.sessions[1].decision_hash == alone.sessions[0].decision_hash
    assert told == [("playing", done, 2) for done in range(3)]
