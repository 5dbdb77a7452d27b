"""Round times in UTC along an axis, with the date below the first of each day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.units import SECOND_NS

_DAY_S: Final = 86_400
# Seconds between two marks; beyond days of a fortnight twice as many, and so on.
_STEPS_S: Final = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200),
    *(_DAY_S, 2 * _DAY_S, 7 * _DAY_S, 14 * _DAY_S),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def time_marks(first_ns: int, last_ns: int, most: int) -> list[tuple[int, str]]:
    """Times within two others, at most `most` of them, and what to write there."""
    step_ns = _step_ns(last_ns - first_ns, most)
    found: list[tuple[int, str]] = []
    day = None
    for at_ns in range(-(-first_ns // step_ns) * step_ns, last_ns + 1, step_ns):
        moment = _EPOCH + timedelta(microseconds=at_ns // 1_000)
        if step_ns >= _DAY_S * SECOND_NS:
            found.append((at_ns, f"{moment:%Y-%m-%d}" if day is None else f"{moment:%m-%d}"))
        else:
            new = f"\n{moment:%Y-%m-%d}" if moment.date() != day else ""
            found.append((at_ns, _clock(moment, step_ns) + new))
        day = moment.date()
    return found


def _step_ns(length_ns: int, most: int) -> int:
    """The shortest step of which no more than `most` marks fit."""
    for step_ns in _steps_ns():
        if length_ns // step_ns + 1 <= most:
            return step_ns
    raise AssertionError  # steps grow without end


def _steps_ns() -> Iterator[int]:
    step_ns = 0
    for step in _STEPS_S:
        step_ns = round(step * SECOND_NS)
        yield step_ns
    while True:
        step_ns *= 2
        yield step_ns


def _clock(moment: datetime, step_ns: int) -> str:
    """With seconds, or thousands of them, only where marks are that close."""
    if step_ns < SECOND_NS:
        return f"{moment:%H:%M:%S.%f}"[:-3]
    return f"{moment:%H:%M:%S}" if step_ns < 60 * SECOND_NS else f"{moment:%H:%M}"
