"""What of a session broke a rule: all checks, in the order of time. None of them decides anything.

They read the recording and the books, and work out anew whatever they compare.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from agent.gym.course import Course
from agent.gym.entry_rules import Walk
from agent.gym.evidence import Books, Evidence
from agent.gym.money_rules import money_violations
from domain.enums import OutputKind, StateCause, TradingState
from domain.playbooks import Playbook
from domain.units import SECOND_NS
from reporting.gym_summary import Rule, Violation

_CENT: Final = 0.01  # doubles against micro-units
_MILLI_NS: Final = 1_000_000


def violations(evidence: Evidence, course: Course) -> list[Violation]:
    """Every rule that was broken, and when; empty is as it must be."""
    books = {number: Books(evidence, number) for number in range(len(evidence.markets))}
    found = [
        *Walk(evidence, books).run(),
        *money_violations(evidence),
        *_ignored_losses(evidence, course),
        *_held_over_a_close(evidence, course, books),
        *_recording(evidence),
    ]
    return sorted(found, key=lambda each: each.time_ns)


def _ignored_losses(evidence: Evidence, course: Course) -> Iterator[Violation]:
    """E5: the tick that finds a loss at its limit halts the account."""
    limits, outputs = evidence.settings.limits, evidence.outputs
    halts = outputs[
        (outputs["kind"] == OutputKind.STATE_CHANGED) & (outputs["code"] == TradingState.HALTED)
    ]
    # A day's roll ends a halt by the day's loss: the next day has a loss of its own.
    rolls = [*evidence.day_rolls_ns, int(course.times_ns[-1]) + 1]
    begins_ns = 0
    for roll_ns in rolls:
        today = course.settled & (course.times_ns >= begins_ns) & (course.times_ns < roll_ns)
        breached = today & (course.day <= -(limits.max_daily_loss or np.inf) - _CENT)
        halted = [
            int(each["event_ns"])
            for each in halts
            if int(each["lots"]) != StateCause.DAILY_LOSS
            or begins_ns <= int(each["event_ns"]) < roll_ns
        ]
        yield from _unanswered(course, breached, halted, "the day's loss")
        begins_ns = roll_ns
    breached = course.settled & (course.drawdown >= (limits.max_drawdown or np.inf) + _CENT)
    first_ns = int(course.times_ns[np.argmax(breached)])
    rolled_ns = max((roll for roll in evidence.day_rolls_ns if roll <= first_ns), default=0)
    stops = [
        int(each["event_ns"])
        for each in halts
        if int(each["lots"]) != StateCause.DAILY_LOSS or int(each["event_ns"]) >= rolled_ns
    ]
    yield from _unanswered(course, breached, stops, "the drawdown")


def _unanswered(
    course: Course, breached: np.ndarray, halted: list[int], what: str
) -> Iterator[Violation]:
    places = np.flatnonzero(breached)
    if not len(places):
        return
    at_ns = int(course.times_ns[places[0]])
    if not any(each <= at_ns for each in halted):
        yield Violation(
            rule=Rule.LOSS_LIMIT_IGNORED.word,
            market="",
            time_ns=at_ns,
            said=f"{what} reached its limit, and nothing was halted",
        )


def _held_over_a_close(
    evidence: Evidence, course: Course, books: dict[int, Books]
) -> Iterator[Violation]:
    """E3: square-off comes before the close, unless no quote came on which to fill."""
    before_ns = _square_off_ns(evidence.playbook)
    for number, traded in enumerate(evidence.markets):
        late_ns = traded.instrument.latency_ms * _MILLI_NS
        for edge in evidence.hours(number):
            close_ns = int(edge.close_ns)
            place = int(np.searchsorted(course.times_ns, close_ns, "right")) - 1
            if place < 0 or close_ns > course.times_ns[-1]:
                continue  # not in this session
            lots = int(course.held[number, place])
            asked_ns = close_ns - before_ns + late_ns
            if lots and books[number].quoted_within(asked_ns + 1, close_ns - 1):
                yield Violation(
                    rule=Rule.HELD_AFTER_CLOSE.word,
                    market=traded.name,
                    time_ns=close_ns,
                    said=f"{abs(lots)} lots were held over the close",
                )


def _square_off_ns(playbook: Playbook) -> int:
    """How long before a close the latest of the playbooks that may be in use leaves."""
    used = [playbook, *(each.playbook for each in playbook.switches)]
    return round(min(float(str(each.values["exit.session_end_s"])) for each in used) * SECOND_NS)


def _recording(evidence: Evidence) -> Iterator[Violation]:
    if evidence.difference:
        yield Violation(
            rule=Rule.RECORDING_DIFFERS.word,
            market="",
            time_ns=int(evidence.ticks["event_ns"][-1]),
            said=f"{evidence.recording}: {evidence.difference}",
        )
