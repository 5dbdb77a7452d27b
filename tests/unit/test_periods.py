"""Stops and targets by the time of day (docs/rules.md, P1 and C9).

The tests begin at 22:13:20 UTC: 22:14 comes at second 40, midnight at second 6,400.
"""

from typing import Any

import pytest

from core_cases import Case, at, clock, playbook, quote
from core_steps import entries, exits, flat, holding_short
from domain.arrays import Rows
from domain.events import ZoneOffset

HOUR_NS = 3_600 * 10**9


def period(number: int, begins: str, stop: str = "5tick", target: str = "7tick") -> dict[str, str]:
    """One of the three periods."""
    head = f"period_{number}"
    return {f"{head}_from": begins, f"{head}_stop": stop, f"{head}_target": target}


def ready(*periods: dict[str, str], **exit_rules: Any) -> Case:  # noqa: ANN401
    """A market that enters on its first quote, with the playbook's own stop 20 and target 30."""
    joined = {key: value for part in periods for key, value in part.items()}
    return flat({"exit": {**joined, **exit_rules}})


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def planned(case: Case, at_s: float) -> tuple[int, int]:
    """Stop and target of an entry at that second."""
    case.fold(bid(at_s, 100.0))
    assert entries(case) == [at_s]
    return int(case.row["plan_stop"]), int(case.row["plan_target"])


def zoned(case: Case, offset_ns: int, at_s: float = 0) -> Case:
    """The market's local time is UTC plus so much."""
    case.core.apply(ZoneOffset(event_ns=at(at_s), market="COIN", offset_ns=offset_ns))
    return case


def test_without_a_period_the_playbooks_own_stop_and_target_count() -> None:
    assert planned(ready(), 0) == (20, 30)


@pytest.mark.parametrize(("at_s", "plan"), [(39.999999999, (20, 30)), (40, (5, 7))])
def test_a_period_begins_with_its_minute(at_s: float, plan: tuple[int, int]) -> None:
    assert planned(ready(period(1, "22:14")), at_s) == plan


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_period_has_its_own_stop_and_target(number: int) -> None:
    assert planned(ready(period(number, "22:13", "6tick", "9tick")), 0) == (6, 9)


@pytest.mark.parametrize(
    ("begins", "stop"),
    [
        (("09:00", "12:00", "15:00"), 3),
        (("15:00", "12:00", "09:00"), 1),
        (("12:00", "15:00", "09:00"), 2),
        (("22:13", "22:14", "22:12"), 1),
        (("12:00", "off", "09:00"), 1),
        (("off", "09:00", "off"), 2),
        (("22:14", "23:00", "22:15"), 20),
    ],
)
def test_the_period_that_began_last_counts(begins: tuple[str, str, str], stop: int) -> None:
    periods = [period(n, begin, f"{n}tick") for n, begin in enumerate(begins, 1)]
    assert planned(ready(*periods), 0)[0] == stop


@pytest.mark.parametrize(
    ("begins", "stop"),
    [
        (("12:00", "12:00", "09:00"), 2),
        (("12:00", "09:00", "12:00"), 3),
        (("12:00", "12:00", "12:00"), 3),
    ],
)
def test_of_periods_that_begin_together_the_last_counts(
    begins: tuple[str, str, str], stop: int
) -> None:
    periods = [period(n, begin, f"{n}tick") for n, begin in enumerate(begins, 1)]
    assert planned(ready(*periods), 0)[0] == stop


@pytest.mark.parametrize(("at_s", "plan"), [(6_399.999999999, (5, 7)), (6_400, (20, 30))])
def test_a_period_ends_at_midnight(at_s: float, plan: tuple[int, int]) -> None:
    assert planned(ready(period(1, "22:00")), at_s) == plan


def test_a_period_from_midnight_takes_over_there() -> None:
    periods = period(1, "22:00"), period(2, "00:00", "8tick", "off")
    assert planned(ready(*periods), 6_399) == (5, 7)
    assert planned(ready(*periods), 6_400) == (8, 0)


def test_a_target_may_be_off_in_a_period() -> None:
    case = ready(period(1, "22:00", target="off"))
    assert planned(case, 0) == (5, 0)
    assert exits(case.fold(bid(1, 110.0))) == []


def test_a_target_may_be_off_outside_periods_only() -> None:
    case = ready(period(1, "22:00"), target="off")
    assert planned(case, 0) == (5, 7)
    assert exits(case.fold(bid(1, 100.8))) == [(1.0, "take_profit")]


def test_a_stop_of_a_period_is_at_least_the_spread() -> None:
    case = ready(period(1, "22:00", "1tick", "2tick")).fold(quote(0, 100.0, 100.3))
    assert (case.row["plan_stop"], case.row["plan_target"]) == (3, 3)


def test_the_levels_of_a_period_act() -> None:
    case = ready(period(1, "22:00")).fold(bid(0, 100.0), bid(1, 99.7))
    assert exits(case) == []
    assert exits(case.fold(bid(2, 99.6))) == [(2.0, "hard_stop")]
    case = ready(period(1, "22:00")).fold(bid(0, 100.0), bid(1, 100.7))
    assert exits(case) == []
    assert exits(case.fold(bid(2, 100.8))) == [(2.0, "take_profit")]


@pytest.mark.parametrize(
    ("ask", "found"),
    [(100.4, []), (100.5, ["hard_stop"]), (99.4, []), (99.3, ["take_profit"])],
)
def test_the_levels_of_a_short_in_a_period_act(ask: float, found: list[str]) -> None:
    case = holding_short({"exit": period(1, "22:00")}).fold(quote(2, ask - 0.1, ask))
    assert [word for _, word in exits(case)] == found


def test_a_position_keeps_its_levels_when_the_next_period_begins() -> None:
    case = ready(period(1, "22:14")).fold(bid(39, 100.0), bid(41, 99.0), bid(42, 98.2))
    assert (exits(case), case.row["stop_level"]) == ([], 981)
    assert exits(case.fold(bid(43, 98.1))) == [(43.0, "hard_stop")]
    case.fold(bid(44, 100.0), bid(45, 100.0))
    assert (case.row["position_lots"], case.row["stop_level"]) == (10, 996)


@pytest.mark.parametrize(
    ("hours", "begins", "plan"),
    [
        (0.0, "22:14", (20, 30)),
        (0.25, "22:14", (5, 7)),
        (5.5, "03:43", (5, 7)),
        (5.5, "03:44", (20, 30)),
        (-5.0, "17:13", (5, 7)),
        (-5.0, "17:14", (20, 30)),
        (-23.0, "23:13", (5, 7)),
        (-23.0, "23:14", (20, 30)),
    ],
)
def test_the_time_of_day_is_local(hours: float, begins: str, plan: tuple[int, int]) -> None:
    case = zoned(ready(period(1, begins)), round(hours * HOUR_NS))
    assert planned(case, 0) == plan


@pytest.mark.parametrize(("second", "plan"), [(6_399, (5, 7)), (6_400, (20, 30))])
def test_a_local_day_ends_at_its_own_midnight(second: int, plan: tuple[int, int]) -> None:
    case = zoned(ready(period(1, "23:59")), second * 10**9)
    assert planned(case, 0) == plan


def test_an_offset_counts_from_its_event_on() -> None:
    case = ready(period(1, "23:13")).fold(bid(0, 100.0), bid(1, 98.1), clock(2))
    assert (case.row["plan_stop"], exits(case)) == (20, [(1.0, "hard_stop")])
    zoned(case, HOUR_NS, at_s=3).fold(bid(3, 100.0))
    assert (case.row["plan_stop"], case.row["plan_target"]) == (5, 7)


def test_a_market_that_is_set_again_keeps_its_offset() -> None:
    case = zoned(ready(), HOUR_NS).market(playbook({"exit": period(1, "23:13")}), at_s=1)
    case.fold(bid(2, 100.0))
    assert (case.row["plan_stop"], case.row["plan_target"]) == (5, 7)
