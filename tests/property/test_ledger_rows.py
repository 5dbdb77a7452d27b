"""Any row that can be kept comes back equal, and the chain recomputed from the rows agrees."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from db.batches import BatchWriter
from db.chain import verify_chain
from db.connections import open_file
from db.read import open_reader
from db.tables import TABLES, Table
from domain.enums import FileKind
from domain.ledger import (
    ApprovalRow,
    CommandRow,
    EquityRow,
    HealthRow,
    InstrumentRow,
    LogRow,
    RejectionRow,
    StateRow,
)
from ledger_samples import ALL_TABLES, rows_of, spec_of


@given(st.sampled_from(ALL_TABLES), st.data())
def test_rows_come_back_equal_from_their_columns(table: Table, data: st.DataObject) -> None:
    rows = data.draw(st.lists(rows_of(table.row), max_size=5))
    assert table.decode(table.encode(rows)) == rows


@given(st.sampled_from(ALL_TABLES), st.data())
def test_equal_rows_have_the_same_columns(table: Table, data: st.DataObject) -> None:
    rows = data.draw(st.lists(rows_of(table.row), max_size=5))
    again = table.encode(table.decode(table.encode(rows)))
    assert [repr(values) for values in again] == [repr(values) for values in table.encode(rows)]


# Rows that refer to no other one.
_FREE = {
    FileKind.AUTO: (InstrumentRow, EquityRow, StateRow, ApprovalRow, CommandRow),
    FileKind.TELEMETRY: (HealthRow, LogRow, RejectionRow),
}


@settings(max_examples=40)  # each makes a file
@given(st.sampled_from([FileKind.AUTO, FileKind.TELEMETRY]), st.data())
def test_rows_come_back_equal_from_a_file_and_its_chain_holds(
    kind: FileKind, data: st.DataObject
) -> None:
    free = [table for table in TABLES[kind] if table.row in _FREE[kind]]
    any_row = st.sampled_from(free).flatmap(lambda table: rows_of(table.row))
    batches = data.draw(st.lists(st.lists(any_row, max_size=20), max_size=3))
    with TemporaryDirectory() as folder:
        spec = spec_of(Path(folder), kind)
        file = open_file(spec)
        writer = BatchWriter(file.connection, file.path, kind)
        for batch in batches:
            writer.store(batch)
        rows = [row for batch in batches for row in batch]
        with open_reader(spec) as reader:
            for table in free:
                wanted = [row for row in rows if type(row) is table.row]
                assert list(reader.rows(table.row)) == wanted
        assert verify_chain(file.connection).broken is None
        assert verify_chain(file.connection).rows == len(rows)
        file.close()
