"""Numbers are shortened for the eye without lying about sign, size or completeness."""

from decimal import Decimal

import pytest

from reporting.amounts import amount, amounts, price, rate, share, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234567.891", "1,234,567.89"),
        ("-27.9621", "-27.96"),
        ("1", "1.00"),
        ("0.99999", "1.00"),
        ("0.995", "0.995"),
        ("0.5", "0.500"),
        ("0.04213", "0.0421"),
        ("-0.000012345", "-0.0000123"),
        ("1E-12", "0.00000000"),
        ("1E+5", "100,000.00"),
        ("-0", "0.00"),
        ("0.0000", "0.00"),
        ("123456789012345678901234567890.5", "123,456,789,012,345,678,901,234,567,890.50"),
    ],
)
def test_amount_shows_cents_from_1_on_and_more_digits_below(value: str, text: str) -> None:
    assert amount(Decimal(value)) == text


@pytest.mark.parametrize(("value", "text"), [("3", "+3.00"), ("-3", "-3.00"), ("-0.0", "0.00")])
def test_signed_amount_shows_plus_and_leaves_zero_alone(value: str, text: str) -> None:
    assert amount(Decimal(value), signed=True) == text


def test_amounts_of_a_column_have_as_many_decimals_as_the_smallest_needs() -> None:
    column = [Decimal("1234.5"), Decimal("-0.0042"), Decimal(0)]
    assert amounts(column, signed=True) == ["+1,234.50000", "-0.00420", "0.00000"]


def test_amounts_of_nothing_are_none() -> None:
    assert amounts([]) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("65123.40", "65,123.40"),
        ("65123.4000000000000001", "65,123.400"),
        ("1.0823366666666666666667", "1.0823367"),
        ("0.00001234", "0.00001234"),
        ("123456789.987654321", "123,456,790"),
        ("1E+3", "1,000"),
        ("0.00000000000", "0.00000000000"),
    ],
)
def test_price_stays_as_it_is_unless_an_average_has_endless_digits(value: str, text: str) -> None:
    assert price(Decimal(value)) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 9, "0.0 %"),
        (9, 9, "100.0 %"),
        (1, 3, "33.3 %"),
        (1, 1_000_000, "<0.1 %"),
        (999_999, 1_000_000, ">99.9 %"),
        (0, 0, "-"),
    ],
)
def test_share_never_calls_a_little_none_or_nearly_all_all(
    part: int, whole: int, text: str
) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.00s"),
        (9.994, "9.99s"),
        (9.996, "10.0s"),
        (59.96, "1m00s"),
        (65.4, "1m05s"),
        (3599.6, "1h00m"),
        (7500.0, "2h05m"),
        (273_600.0, "3d04h"),
    ],
)
def test_span_takes_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(950.2, "950"), (812_345.0, "812,345"), (999_999.9, "1.00 million"), (7.74e6, "7.74 million")],
)
def test_rate_counts_in_millions_from_a_million_on(per_second: float, text: str) -> None:
    assert rate(per_second) == text
