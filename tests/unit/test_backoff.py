"""Tries grow apart, differ, never stop, and are never too many."""

from random import Random

from domain.units import SECOND_NS
from market.feeds.backoff import MOST_S, PER_MINUTE, Backoff


def waits_s(backoff: Backoff, count: int) -> list[float]:
    """How long each of some failing tries waits, each made when it is due."""
    now_ns, found = 0, []
    for _ in range(count):
        at_ns = backoff.next_ns(now_ns)
        found.append((at_ns - now_ns) / SECOND_NS)
        now_ns = at_ns
    return found


def test_the_first_try_is_made_at_once() -> None:
    assert Backoff(Random(1)).next_ns(7) == 7  # noqa: S311 seeded on purpose


def test_later_tries_wait_longer_up_to_a_minute() -> None:
    found = waits_s(Backoff(Random(1)), 400)  # noqa: S311 seeded on purpose
    assert max(found[1:4]) <= 2.0
    assert 0.9 * MOST_S < max(found[20:]) <= MOST_S


def test_two_daemons_do_not_wait_alike() -> None:
    first, second = (waits_s(Backoff(Random(seed)), 10) for seed in (1, 2))  # noqa: S311
    assert first[1:] != second[1:]


def test_a_success_begins_anew() -> None:
    backoff = Backoff(Random(1))  # noqa: S311 seeded on purpose
    waits_s(backoff, 8)
    backoff.succeeded()
    assert backoff.failures == 0


def test_no_minute_has_more_tries_than_allowed_however_often_it_succeeds() -> None:
    backoff, now_ns, tries = Backoff(Random(1)), 0, []  # noqa: S311 seeded on purpose
    for _ in range(60):
        now_ns = backoff.next_ns(now_ns)
        tries.append(now_ns)
        backoff.succeeded()
    later = tries[PER_MINUTE:]
    assert all(b - a >= 60 * SECOND_NS for a, b in zip(tries[: len(later)], later, strict=True))
