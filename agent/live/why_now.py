"""Why a market does what it does at this moment: `why`, asked of a running engine.

Gates are asked on copies, as they stand after the last tick; nothing of the engine is changed.
"""

from agent.replay.why_gates import Moment, first_failing, gates_told
from agent.replay.why_state import (
    Standing,
    account_told,
    exits_told,
    held_until,
    leaving,
    locks_told,
    orders_told,
    plan_told,
    position_told,
)
from config.settings import Settings
from domain.arrays import Record
from domain.enums import Purpose, Side
from reporting.why_summary import Plan, WhySummary


def why_now(engine: Standing, market: int, settings: Settings, now_ns: int) -> WhySummary:
    """Of the market in a row; the moment is `now_ns`, not before its last tick."""
    book = engine.book
    row, account, facts = book.rows[market], book.account, book.facts[market]
    seen = book.rows[market : market + 1].copy()[0]
    side = _side(row)
    moment = Moment(seen, book.accounts.copy()[0], side, now_ns)
    activity = _activity(row)
    gates = gates_told(moment) if activity == "flat" else []
    position = position_told(row, facts)
    return WhySummary(
        market=facts.name,
        recording="",
        segment="",
        asked_ns=now_ns,
        assumed_zone=False,
        answered_ns=int(row["last_tick_ns"]) or None,
        known_ns=now_ns,
        hole=None,
        same_build=True,
        answers="recorded",
        activity=activity if row["last_tick_ns"] > 0 else "none",
        leaving=leaving(row),
        side=side.word,
        said=[],
        since=[],
        playbook=facts.playbook.name,
        account=account_told(engine, settings.account.currency, settings.limits),
        position=position,
        orders=orders_told(row, facts.instrument),
        held_until_ns=held_until(row, now_ns),
        locks=locks_told(engine, facts.name, now_ns),
        gates=gates,
        first_failing=first_failing(gates),
        exits=[] if position is None else exits_told(seen, account, facts, now_ns),
        plan=_plan(row, engine, market, side),
        risk=None,
    )


def _side(row: Record) -> Side:
    """Of its position, else the one it would enter."""
    if row["position_lots"] > 0:
        return Side(int(row["position_side"]))
    direction = int(row["features"][0]["direction"])
    return Side(direction) if direction else Side.LONG


def _activity(row: Record) -> str:
    if row["position_lots"] > 0:
        return "held"
    if row["orders"]["active"].any():
        return "working"
    return "by_hand" if row["by_hand"] == 1 else "flat"


def _plan(row: Record, engine: Standing, market: int, side: Side) -> Plan | None:
    """The plan that is in force."""
    if row["position_lots"] == 0 and row["orders"][Purpose.ENTRY]["active"] == 0:
        return None
    return plan_told(row, engine.book.facts[market].instrument, side, in_force=True)
