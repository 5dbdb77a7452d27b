"""Schema 1: the files as they were first made. Never edited once files of it exist.

NUMBER is a decimal in its one spelling, as text: digits, at most a minus and a point.
"""

import re
import sqlite3
from typing import Final

from domain.enums import FileKind

_NUMBER: Final = re.compile(r"(\S+) NUMBER(_OR_NULL)?\b")
_ORIGINS: Final = {
    FileKind.AUTO: "'auto'",
    FileKind.MANUAL: "'manual', 'external', 'imported'",
}

_COMMON: Final = (
    """
    CREATE TABLE batches (
        number INTEGER PRIMARY KEY,
        schema INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        checksum BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE layouts (
        schema INTEGER NOT NULL,
        name TEXT NOT NULL,
        columns TEXT NOT NULL,
        PRIMARY KEY (schema, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE identity (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        mode TEXT NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        created_ns INTEGER NOT NULL
    ) STRICT
    """,
)
_LEDGER: Final = (
    """
    CREATE TABLE instruments (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        market TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        tick NUMBER,
        lot NUMBER,
        multiplier NUMBER,
        contract TEXT NOT NULL CHECK (contract IN (
            'spot', 'share', 'cfd', 'linear_perpetual', 'future', 'inverse'
        )),
        rate NUMBER,
        maker_fee NUMBER,
        taker_fee NUMBER,
        currency TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE orders (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        client_id TEXT NOT NULL UNIQUE,
        origin TEXT NOT NULL CHECK (origin IN ({origins})),
        market TEXT NOT NULL,
        purpose TEXT NOT NULL CHECK (purpose IN ('entry', 'exit')),
        kind TEXT NOT NULL CHECK (kind IN ('ioc', 'resting', 'close_out', 'partial')),
        side TEXT NOT NULL CHECK (side IN ('long', 'short')),
        "limit" NUMBER,
        quantity NUMBER,
        decided_ns INTEGER NOT NULL,
        mid NUMBER,
        spread NUMBER,
        stop NUMBER,
        reason TEXT NOT NULL CHECK (reason IN (
            'none', 'halt', 'daily_loss', 'trade_loss', 'hard_stop', 'take_profit',
            'break_even', 'trailing', 'time_guard', 'momentum_flip', 'data_stall',
            'session_end', 'end_of_data', 'drawdown', 'liquidation', 'offset_stop',
            'profit_lock', 'tight_trailing', 'fast_trailing', 'time_stop', 'flip',
            'partial', 'command'
        )),
        addition INTEGER NOT NULL CHECK (addition IN (0, 1)),
        playbook TEXT NOT NULL,
        parameters_hash TEXT NOT NULL,
        refused TEXT CHECK (refused IN (
            'limit_missing', 'not_allowed', 'trading_state', 'daily_loss', 'cool_down',
            'duplicate', 'order_rate', 'orders_per_day', 'stale_quote', 'bad_price',
            'bad_lots', 'min_notional', 'price_collar', 'order_notional',
            'position_notional', 'open_positions', 'gross_notional', 'trade_loss',
            'exceeds_position', 'not_shortable', 'outside_session', 'unreviewed',
            'trades_per_session', 'repeated_entries', 'group_notional', 'leverage',
            'margin', 'heat', 'liquidation', 'reject_burst', 'cooldown_period',
            'stoploss_guard', 'max_drawdown', 'low_profit_pairs', 'other_origin', 'locked_by_hand'
        )),
        refusal_limit REAL,
        refusal_actual REAL,
        refusal_key TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE order_states (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        client_id TEXT NOT NULL REFERENCES orders (client_id),
        time_ns INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN (
            'approved', 'refused', 'partly_filled', 'filled', 'cancelled', 'expired'
        )),
        filled NUMBER,
        why TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE fills (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        fill_id TEXT NOT NULL UNIQUE,
        client_id TEXT NOT NULL REFERENCES orders (client_id),
        market TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        purpose TEXT NOT NULL CHECK (purpose IN ('entry', 'exit')),
        side TEXT NOT NULL CHECK (side IN ('long', 'short')),
        price NUMBER,
        quantity NUMBER,
        maker INTEGER NOT NULL CHECK (maker IN (0, 1)),
        fee NUMBER
    ) STRICT
    """,
    """
    CREATE TABLE funding (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        market TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        rate NUMBER,
        mark NUMBER,
        amount NUMBER,
        UNIQUE (market, time_ns)
    ) STRICT
    """,
    """
    CREATE TABLE trades (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        trade_id TEXT NOT NULL UNIQUE,
        market TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('long', 'short')),
        quantity NUMBER,
        entry_ns INTEGER NOT NULL,
        exit_ns INTEGER NOT NULL,
        entry_price NUMBER,
        exit_price NUMBER,
        reason TEXT NOT NULL CHECK (reason IN (
            'none', 'halt', 'daily_loss', 'trade_loss', 'hard_stop', 'take_profit',
            'break_even', 'trailing', 'time_guard', 'momentum_flip', 'data_stall',
            'session_end', 'end_of_data', 'drawdown', 'liquidation', 'offset_stop',
            'profit_lock', 'tight_trailing', 'fast_trailing', 'time_stop', 'flip',
            'partial', 'command'
        )),
        playbook TEXT NOT NULL,
        parameters_hash TEXT NOT NULL,
        regime TEXT NOT NULL CHECK (regime IN (
            'unknown', 'quiet', 'ranging', 'trending', 'volatile'
        )),
        features TEXT NOT NULL,
        mae NUMBER,
        mfe NUMBER,
        gross NUMBER,
        spread_cost NUMBER,
        slippage NUMBER,
        fees NUMBER,
        funding NUMBER,
        net NUMBER,
        fills INTEGER NOT NULL,
        entry_client_id TEXT NOT NULL REFERENCES orders (client_id)
    ) STRICT
    """,
    """
    CREATE TABLE equity (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        equity NUMBER,
        realised NUMBER,
        unrealised NUMBER,
        drawdown NUMBER,
        open_positions INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE states (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        time_ns INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE approvals (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE commands (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        command TEXT NOT NULL,
        detail TEXT NOT NULL,
        origin TEXT NOT NULL
    ) STRICT
    """,
)
_TELEMETRY: Final = (
    """
    CREATE TABLE decisions (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        market TEXT NOT NULL,
        decision_seq INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN (
            'intent', 'approved', 'refused', 'fill', 'rejection_run', 'candle_closed',
            'state_changed', 'addition', 'playbook_changed', 'funding', 'locked',
            'command_refused'
        )),
        code TEXT NOT NULL,
        side TEXT CHECK (side IN ('long', 'short')),
        price NUMBER_OR_NULL,
        quantity NUMBER_OR_NULL,
        distances TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE rejections (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        market TEXT NOT NULL,
        gate TEXT NOT NULL CHECK (gate IN (
            'hold', 'trading_state', 'session', 'data_age', 'side', 'reference', 'candle',
            'momentum', 'velocity', 'relative_strength', 'index_bias', 'regime', 'spread',
            'imbalance', 'min_move', 'no_trade_zone', 'expected_move', 'smc', 'scan_plan',
            'win_probability', 'cool_down', 'rate', 'plan'
        )),
        first_ns INTEGER NOT NULL,
        last_ns INTEGER NOT NULL,
        count INTEGER NOT NULL,
        nearest REAL
    ) STRICT
    """,
    """
    CREATE TABLE health (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        name TEXT NOT NULL,
        value REAL
    ) STRICT
    """,
    """
    CREATE TABLE logs (
        seq INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        level TEXT NOT NULL,
        event TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT
    """,
)
_LEDGER_RULES: Final = (
    "CREATE INDEX order_states_by_order ON order_states (client_id)",
    "CREATE INDEX fills_by_order ON fills (client_id)",
    "CREATE INDEX states_by_key ON states (key)",
    """
    CREATE TRIGGER order_states_never_go_back BEFORE INSERT ON order_states
    WHEN EXISTS (
        SELECT 1 FROM order_states
        WHERE client_id = NEW.client_id
            AND CASE state WHEN 'approved' THEN 1 WHEN 'partly_filled' THEN 2 ELSE 3 END
            > CASE NEW.state WHEN 'approved' THEN 1 WHEN 'partly_filled' THEN 2 ELSE 3 END
    )
    BEGIN SELECT RAISE(ABORT, 'the rank of an order''s state never decreases'); END
    """,
    """
    CREATE TRIGGER order_states_never_exceed BEFORE INSERT ON order_states
    WHEN CAST(NEW.filled AS REAL)
        > (SELECT CAST(quantity AS REAL) FROM orders WHERE client_id = NEW.client_id)
    BEGIN SELECT RAISE(ABORT, 'more is filled than was ordered'); END
    """,
)
_TELEMETRY_RULES: Final = (
    "CREATE INDEX decisions_by_market ON decisions (market, time_ns)",
    "CREATE INDEX rejections_by_market ON rejections (market, time_ns)",
)


def apply(connection: sqlite3.Connection, kind: FileKind) -> None:
    """Make all tables in an empty file, inside the caller's transaction."""
    ledger = kind is not FileKind.TELEMETRY
    tables = _COMMON + (_LEDGER if ledger else _TELEMETRY)
    for statement in tables:
        connection.execute(_written_out(statement, kind))
    for statement in _LEDGER_RULES if ledger else _TELEMETRY_RULES:
        connection.execute(statement)
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    ]
    for name in names:
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {name}_no_{change.lower()} BEFORE {change} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name}: rows are only added'); END"
            )


def _written_out(statement: str, kind: FileKind) -> str:
    def number(found: re.Match[str]) -> str:
        column, nullable = found.groups()
        null = "" if nullable else " NOT NULL"
        return (
            f"{column} TEXT{null} CHECK ({column} GLOB '*[0-9]' AND {column} NOT GLOB '*[^-.0-9]*')"
        )

    return _NUMBER.sub(number, statement).replace("{origins}", _ORIGINS.get(kind, ""))
