"""How values are written: one spelling of each number, and nothing that could not come back."""

import math
from decimal import Decimal
from pathlib import Path

import pytest

from db.ledgers import open_telemetry
from db.read import open_reader
from db.tables import decimal_text
from domain.enums import FileKind, OrderState
from domain.ledger import HealthRow
from domain.units import TsNs
from ledger_samples import InlineWorker, spec_of


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.50", "1.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("120.000", "120"),
        ("-0.00", "0"),
        ("-0", "0"),
        ("0E+5", "0"),
        ("-1.10E-7", "-0.00000011"),
        ("123456789012345678901234567890.123456789012345678", None),
    ],
)
def test_a_number_has_one_spelling(number: str, text: str | None) -> None:
    assert decimal_text(Decimal(number)) == (number if text is None else text)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+61", "1E-99"])
def test_what_is_no_amount_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="cannot be a price"):
        decimal_text(Decimal(number))


def test_real_numbers_come_back_from_a_file_whatever_they_are(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, FileKind.TELEMETRY)
    values = [0.0, -0.0, 0.1, 1e308, 5e-324, math.inf, -math.inf, 2.0**60, math.nan]
    telemetry = open_telemetry(spec, InlineWorker())
    telemetry.put([HealthRow(time_ns=TsNs(1), name="x", value=value) for value in values])
    telemetry.close()
    with open_reader(spec) as reader:
        found = [row.value for row in reader.rows(HealthRow)]
        assert reader.verify().broken is None
    assert found[:-1] == values[:-1]
    assert math.isnan(found[-1])


def test_all_ends_of_an_order_have_the_last_rank() -> None:
    assert [state.rank for state in OrderState] == [1, 3, 2, 3, 3, 3]
