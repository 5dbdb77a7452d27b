"""A limit that limits nothing is found and named."""

import msgspec
import pytest

from domain.limits import NUMBERS, Limits

WHOLE = Limits(allow=("*",), **dict.fromkeys(NUMBERS, 1.0))


def test_whole_limits_miss_nothing() -> None:
    assert WHOLE.missing() == []


def test_nothing_stated_misses_the_names_first() -> None:
    assert Limits().missing()[0] == "limits.allow"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [None, 0.0, -1.0, float("nan"), float("inf"), float("-inf")])
def test_a_limit_that_limits_nothing_is_named(name: str, value: float | None) -> None:
    assert msgspec.structs.replace(WHOLE, **{name: value}).missing()[0] == f"limits.{name}"


def test_the_first_of_several_is_named() -> None:
    broken = msgspec.structs.replace(WHOLE, max_trade_loss=None, cool_down_s=None)
    assert broken.missing()[0] == "limits.max_trade_loss"
