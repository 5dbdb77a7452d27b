"""Times of options: what each form means, and what is none."""

import pytest
import typer

from agent.cli.moments import moment_at, one_of
from domain.enums import Mode, Side

NOW_NS = 1_700_000_000_123_456_789  # 2023-11-14 22:13:20 UTC
SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("today", 1_699_920_000 * SECOND),
        ("2023-11-14", 1_699_920_000 * SECOND),
        ("24h", NOW_NS - 86_400 * SECOND),
        ("7d", NOW_NS - 7 * 86_400 * SECOND),
        ("90s", NOW_NS - 90 * SECOND),
        ("2023-11-14T22:13:20", 1_700_000_000 * SECOND),
        ("2023-11-14T22:13:20Z", 1_700_000_000 * SECOND),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000 * SECOND),
        ("2023-11-14 22:13:20.000001", 1_700_000_000 * SECOND + 1_000),
    ],
)
def test_a_time_is_a_moment_in_utc(text: str, ns: int) -> None:
    assert moment_at(text, NOW_NS) == ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "7y",
        "-3h",
        "2023-13-01",
        "1969-01-01",
        "2263-01-01",
        "\N{ARABIC-INDIC DIGIT SEVEN}d",
    ],
)
def test_what_is_no_time_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write a time as 2026-11-24T15:30"):
        moment_at(text, NOW_NS)


def test_words_are_those_of_the_set_in_any_case() -> None:
    assert one_of(Side)("Long") is Side.LONG
    assert one_of(Mode)(Mode.LIVE) is Mode.LIVE
    with pytest.raises(typer.BadParameter, match="'up' is not known; give one of long, short"):
        one_of(Side)("up")
