"""CSV that no spreadsheet runs, from which every number and text can be read again."""

import csv
import io
import json
import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import CommandRow, LogRow, OrderRow
from ledger_samples import ORDER, order, rows_of
from reporting.row_text import cell, values, write_csv, write_json

# The last four are the wide forms of the first four.
SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.builds(
    "{}{}".format,
    st.sampled_from(SIGNS),
    st.text(max_size=6),
)
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@given(TEXTS)
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    found = cell(text)
    assert found[:1] not in {*SIGNS} or NUMBER.fullmatch(found)


@given(TEXTS)
def test_a_cell_loses_nothing_of_its_text(text: str) -> None:
    assert cell(text) in {text, f"'{text}"}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_numbers_stay_numbers(number: Decimal) -> None:
    found = cell(values(order("p-1", mid=number))["mid"])
    assert Decimal(found) == number
    assert "E" not in found


@given(st.lists(rows_of(OrderRow) | rows_of(CommandRow), max_size=5))
def test_rows_come_back_from_csv_cell_by_cell(rows: list[OrderRow]) -> None:
    stream = io.StringIO(newline="")
    assert write_csv(rows, ("a",), stream) == len(rows)
    read = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert read == [["a"], *([cell(each) for each in values(row).values()] for row in rows)]


@given(st.lists(rows_of(LogRow) | rows_of(OrderRow), max_size=5))
def test_rows_are_one_json_object_a_line(rows: list[LogRow]) -> None:
    stream = io.StringIO()
    write_json(rows, stream)
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        values(row) for row in rows
    ]


def test_closed_sets_are_words_and_what_is_not_there_is_empty() -> None:
    found = values(ORDER)
    assert (found["side"], found["refused"], found["addition"]) == ("long", None, False)
    assert (cell(found["refused"]), cell(found["addition"])) == ("", "0")
