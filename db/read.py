"""Reading a file that someone else may be writing.

A reader never holds a transaction between two pages of rows, so that it can neither keep the
writer waiting nor its log from being emptied; what is added meanwhile may therefore be seen.
"""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Self, TypeVar

import msgspec

from db.chain import ChainReport, verify_chain
from db.connections import FileSpec, check_identity, connect, is_damage
from db.migrations import MIGRATIONS, schema_of
from db.tables import TABLE_OF, TABLES, Value
from domain.enums import OrderState, OutputKind, Side
from domain.errors import BadConfig, BadInput, BadUsage, Fatal
from domain.ledger import Row, StateRow
from domain.units import TsNs

R = TypeVar("R", bound=Row)

_PAGE: Final = 1_000
# Which column says when; a trade is found by its end.
_TIMES: Final = ("time_ns", "exit_ns", "decided_ns")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: from `since_ns` up to before `until_ns`; None leaves a condition out.

    kinds  of decisions; empty: each.
    """

    since_ns: TsNs | None = None
    until_ns: TsNs | None = None
    market: str | None = None
    playbook: str | None = None
    side: Side | None = None
    kinds: tuple[OutputKind, ...] = ()


EVERYTHING: Final = Filter()


class Reader:
    """Typed rows of one file, in the order in which they were stored. Use it in one thread."""

    def __init__(self, connection: sqlite3.Connection, spec: FileSpec) -> None:
        self._connection = connection
        self._spec = spec

    @property
    def spec(self) -> FileSpec:
        """Which file it is."""
        return self._spec

    def rows(self, kind: type[R], where: Filter = EVERYTHING) -> Iterator[R]:
        """All rows of a kind that pass the filter.

        BadUsage if the file has no such rows or they nothing to filter by. Fatal if it is damaged.
        """
        table = TABLE_OF[kind]
        if table not in TABLES[self._spec.kind]:
            raise BadUsage(f"{self._spec.path}: has no {table.name}")
        conditions, values = _conditions(table.name, table.columns, where)
        names = ", ".join(f'"{column}"' for column in table.columns)
        query = (
            f"SELECT seq, {names} FROM {table.name} "  # noqa: S608 - our names
            f"WHERE {' AND '.join(['seq > ?', *conditions])} ORDER BY seq LIMIT {_PAGE}"
        )
        return self._pages(kind, query, values)

    def state(self, key: str) -> StateRow | None:
        """The newest state of a key; None if it never had one."""
        query = "SELECT key, value, time_ns FROM states WHERE key = ? ORDER BY seq DESC LIMIT 1"
        found = self._all(query, (key,))
        return StateRow(key=found[0][0], value=found[0][1], time_ns=found[0][2]) if found else None

    def states(self) -> dict[str, StateRow]:
        """The newest state of every key."""
        newest = "SELECT max(seq) FROM states GROUP BY key"
        query = f"SELECT key, value, time_ns FROM states WHERE seq IN ({newest})"  # noqa: S608
        return {
            key: StateRow(key=key, value=value, time_ns=time_ns)
            for key, value, time_ns in self._all(query, ())
        }

    def order_state(self, client_id: str) -> OrderState | None:
        """What became of an order so far; None if nothing was told of it."""
        query = "SELECT state FROM order_states WHERE client_id = ? ORDER BY seq DESC LIMIT 1"
        found = self._all(query, (client_id,))
        return OrderState[found[0][0].upper()] if found else None

    def filled(self, client_id: str) -> Decimal:
        """The quantity of an order that was filled so far."""
        query = "SELECT quantity FROM fills WHERE client_id = ?"
        return sum((Decimal(quantity) for (quantity,) in self._all(query, (client_id,))), Decimal())

    def open_orders(self) -> tuple[str, ...]:
        """Client ids of approved orders that have not come to an end: what a restart looks up."""
        ends = ", ".join(f"'{each.word}'" for each in OrderState if each.rank == 3)
        query = (
            "SELECT client_id FROM orders WHERE refused IS NULL AND NOT EXISTS ("  # noqa: S608
            "SELECT 1 FROM order_states WHERE order_states.client_id = orders.client_id "
            f"AND state IN ({ends})) ORDER BY seq"
        )
        return tuple(client_id for (client_id,) in self._all(query, ()))

    def verify(self) -> ChainReport:
        """Recompute the whole chain (`db.chain`)."""
        try:
            return verify_chain(self._connection)
        except sqlite3.Error as error:
            raise _refusal(self._spec, error) from error

    def flaw(self) -> str | None:
        """The first thing that SQLite finds wrong with the structure; None where all is well.

        It reads the whole file, and does not compare rows with the chain: that is `verify`.
        """
        try:
            ((found,),) = self._connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.Error as error:
            return str(error)
        return None if found == "ok" else str(found).splitlines()[-1]

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pages(self, kind: type[R], query: str, values: list[Value]) -> Iterator[R]:
        table, last = TABLE_OF[kind], 0
        while page := self._all(query, (last, *values)):
            last = page[-1][0]
            for row in table.decode(each[1:] for each in page):
                assert isinstance(row, kind)
                yield row

    def _all(self, query: str, values: tuple[Value, ...]) -> list[tuple]:  # type: ignore[type-arg] # as sqlite3 returns them
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _refusal(self._spec, error) from error


def open_reader(spec: FileSpec) -> Reader:
    """Open for reading only; nothing can be written through it.

    BadInput if there is no such file yet, or none that can be read now. BadConfig if it is not the
    file that is meant. Fatal if it is damaged: it stays where it is.
    """
    if not spec.path.is_file() or not spec.path.stat().st_size:
        raise BadInput(f"{spec.path}: nothing was kept yet")
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(f"{spec.path.as_uri()}?mode=ro")
        connection.execute("PRAGMA query_only = ON").fetchall()
        _check(connection, spec)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise _refusal(spec, error) from error
        raise
    return Reader(connection, spec)


def _check(connection: sqlite3.Connection, spec: FileSpec) -> None:
    check_identity(connection, spec, MIGRATIONS[-1].number)
    schema = schema_of(connection)
    if schema < MIGRATIONS[-1].number:
        raise BadConfig(
            f"{spec.path}: has schema {schema} of an older version; "
            "start the engine once to bring it up to date"
        )


def _refusal(spec: FileSpec, error: sqlite3.Error) -> Fatal | BadInput:
    if is_damage(error):
        return Fatal(
            f"{spec.path}: is damaged ({error}); stop what writes it and open it with the engine, "
            "which puts it aside, then restore the newest backup (docs/ledgers.md)"
        )
    return BadInput(f"{spec.path}: cannot be read: {error}; see that this user may, and try again")


def _conditions(
    name: str, columns: tuple[str, ...], where: Filter
) -> tuple[list[str], list[Value]]:
    time = next(each for each in (*_TIMES, None) if each in columns or each is None)
    wanted: list[tuple[str | None, str, Value]] = [
        (time, ">=", where.since_ns),
        (time, "<", where.until_ns),
        ("market", "=", where.market),
        ("playbook", "=", where.playbook),
        ("side", "=", None if where.side is None else where.side.word),
    ]
    stated = [each for each in wanted if each[2] is not None]
    for column, _, _ in stated:
        if column not in columns:
            raise BadUsage(f"{name} have no {column or 'time'} to be chosen by")
    conditions = [f'"{column}" {sign} ?' for column, sign, _ in stated]
    values = [each[2] for each in stated]
    if where.kinds:
        if name != "decisions":
            raise BadUsage(f"{name} are no decisions to be chosen by kind")
        conditions.append(f'"kind" IN ({", ".join("?" * len(where.kinds))})')
        values += [kind.word for kind in where.kinds]
    return conditions, values
