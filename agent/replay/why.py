"""Why a market did what it did at a moment: the recording folded to it, and read.

The gates are those of the market's last tick at or before the moment, exactly as the core asked
them: after the tick's features, before anything that its answer changed. State, position and orders
are those of the moment itself. The core is `why`'s own, so that in the end it may be asked what
risk would have said.
"""

import math
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from agent.core.auto_scalper import OUTPUT_ROWS
from agent.core.order_desk import OrderDesk
from agent.replay.paper_core import PaperCore
from agent.replay.recorded_moments import Recorded, Stretch
from agent.replay.refold import core_of
from agent.replay.why_gates import Moment, first_failing, gates_told
from agent.replay.why_state import (
    account_told,
    exits_told,
    held_until,
    leaving,
    locks_told,
    orders_told,
    plan_told,
    position_told,
    said_told,
)
from config.settings_text import settings_from
from db.recording.format import this_build
from domain.arrays import Record, Rows
from domain.enums import Gate, OutputKind, Purpose, Side, TickKind, TradingState
from domain.events import Funding
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from execution.matching import cancel
from execution.paper import PaperBroker
from reporting.why_summary import (
    ExitTold,
    GateTold,
    Hole,
    LockTold,
    Plan,
    Position,
    RiskTold,
    Said,
    WhySummary,
    WorkingOrder,
)
from strategies.features.update import update_features
from strategies.rules.marks import loss_latches, mark
from strategies.rules.plan import make_plan, note_entry


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A market, as the recording names it, and a moment that the recording covers."""

    market: str
    at_ns: int
    assumed_zone: bool = False


class _Heard:
    """A sink that keeps what the core says from a time on."""

    def __init__(self, since_ns: int) -> None:
        self._since_ns = since_ns
        self._blocks = [np.zeros(0, OUTPUT)]

    def hear(self, outputs: Rows) -> None:
        self._blocks.append(outputs[outputs["event_ns"] >= self._since_ns].copy())

    @property
    def rows(self) -> Rows:
        return np.concatenate(self._blocks)


class _Verdicts:
    """A journal that remembers the last review."""

    def __init__(self) -> None:
        self.last: tuple[Order, Approved | Refused] | None = None

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:
        self.last = (order, verdict)

    def filled(self, fill: Fill, change: Change) -> None:
        """No order of a trial fills."""

    def funded(self, market: int, event: Funding, amount: object) -> None:
        """Nothing is paid in a trial."""


class _Decision(msgspec.Struct, frozen=True):
    """A market at the tick that was decided on, as the gates saw it; `before` is the core's."""

    activity: str
    moment: Moment
    playbook: str
    before: bytes


class _Folded(msgspec.Struct, frozen=True, kw_only=True):
    """What a question was folded to.

    market    its row; None where it was not set by then.
    known_ns  the moment asked for, or the last one before it that is known.
    seq       the market's last output before the tick that was decided on.
    """

    recorded: Recorded
    asked: Asked
    stretch: Stretch
    number: int
    hole: Hole | None
    known_ns: int
    market: int | None
    paper: PaperCore
    decision: _Decision | None
    heard: Rows
    seq: int


def why(recorded: Recorded, asked: Asked) -> WhySummary:
    """The whole answer. BadInput or Corrupt where the recording cannot be read so far."""
    return _summary(_fold(recorded, asked))


def _fold(recorded: Recorded, asked: Asked) -> _Folded:
    number = recorded.segment_at(asked.at_ns)
    hole = recorded.hole_at(number, asked.at_ns)
    inside = hole is not None and hole.from_ns < asked.at_ns < hole.until_ns
    known_ns = hole.from_ns if hole is not None and inside else asked.at_ns
    stretch, market = recorded.stretch_at(asked.market, known_ns)
    end = stretch.cut(known_ns)
    place = None if market is None else stretch.last_tick(market, end)
    start = end if place is None else place
    heard = _Heard(known_ns if place is None else int(stretch.tick(place)["event_ns"][0]))
    paper = core_of(stretch.first, (heard,), recorded.core_before(stretch, start))
    decision, seq = None, 0
    if market is not None and place is not None:
        seq = int(paper.book.rows[market]["tally"]["decision_seq"])
        decision = _decide(paper, market, stretch.tick(place)[0])
    stretch.fold(paper, start, end)
    paper.core.fold(_clock(known_ns))
    return _Folded(
        recorded=recorded,
        asked=asked,
        stretch=stretch,
        number=number,
        hole=hole,
        known_ns=known_ns,
        market=market,
        paper=paper,
        decision=decision,
        heard=heard.rows,
        seq=seq,
    )


def _clock(at_ns: int) -> Rows:
    tick = np.zeros(1, TICK)
    tick["kind"], tick["event_ns"] = TickKind.CLOCK, at_ns
    return tick


def _decide(paper: PaperCore, market: int, tick: Record) -> _Decision:
    """The market as it was when its tick was decided on. Only timers act on the core (I4)."""
    now_ns, book = int(tick["event_ns"]), paper.book
    paper.core.fold(_clock(now_ns))
    row, account = book.rows[market : market + 1].copy()[0], book.accounts.copy()[0]
    activity = _see(row, account, tick)
    direction = int(row["features"][0]["direction"])
    side = Side(direction) if direction else Side.LONG
    return _Decision(
        activity=activity,
        moment=Moment(row, account, side, now_ns),
        playbook=book.facts[market].playbook.name,
        before=paper.core.snapshot(),
    )


def _see(row: Record, account: Record, tick: Record) -> str:
    """I5 up to the gates, on copies; returns what the market was doing."""
    update_features(row, tick)
    row["last_tick_ns"] = tick["event_ns"]
    entry = row["orders"][Purpose.ENTRY]
    if entry["active"] == 1 and account["trading_state"] != TradingState.ACTIVE:
        cancel(row, Purpose.ENTRY)  # M10
    held = bool(row["position_lots"] > 0)
    if held and row["features"][0]["book_valid"] == 1:
        mark(row, account)
    works = bool(row["orders"]["active"].any())
    if not works:
        loss_latches(account)
    if held:
        return "held"
    return "working" if works else "by_hand" if row["by_hand"] == 1 else "flat"


def _summary(folded: _Folded) -> WhySummary:
    recorded, asked, paper = folded.recorded, folded.asked, folded.paper
    header = folded.stretch.first.header
    settings = settings_from(header.settings, folded.stretch.first.name)
    decision, market = folded.decision, folded.market
    told = _NOTHING if market is None or market not in paper.book.facts else _market(folded, market)
    return WhySummary(
        market=asked.market,
        recording=str(recorded.path),
        segment=recorded.name_of(folded.number),
        asked_ns=asked.at_ns,
        assumed_zone=asked.assumed_zone,
        answered_ns=None if decision is None else decision.moment.now_ns,
        known_ns=folded.known_ns,
        hole=folded.hole,
        same_build=this_build().same(header.build),
        answers=told.answers,
        activity="none" if decision is None else decision.activity,
        leaving="" if decision is None else leaving(decision.moment.row),
        side="" if decision is None else decision.moment.side.word,
        said=told.said,
        since=told.since,
        playbook=told.playbook,
        account=account_told(paper, settings.account.currency, settings.limits),
        position=told.position,
        orders=told.orders,
        held_until_ns=told.held_until_ns,
        locks=told.locks,
        gates=told.gates,
        first_failing=first_failing(told.gates),
        exits=told.exits,
        plan=told.plan,
        risk=told.risk,
    )


class _Market(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an answer that is the market's own."""

    answers: str = "recorded"
    said: list[Said] = []
    since: list[Said] = []
    playbook: str = ""
    position: Position | None = None
    orders: list[WorkingOrder] = []
    held_until_ns: int | None = None
    locks: list[LockTold] = []
    gates: list[GateTold] = []
    exits: list[ExitTold] = []
    plan: Plan | None = None
    risk: RiskTold | None = None


_NOTHING: Final = _Market()


def _market(folded: _Folded, market: int) -> _Market:
    paper, decision, now_ns = folded.paper, folded.decision, folded.known_ns
    row, facts = paper.book.rows[market], paper.book.facts[market]
    instrument = facts.instrument
    outputs, answers = _outputs(folded, market)
    at_ns = now_ns if decision is None else decision.moment.now_ns
    said = said_told(outputs[outputs["event_ns"] == at_ns], instrument)
    flat = decision is not None and decision.activity == "flat"
    gates = gates_told(decision.moment) if decision is not None and flat else []
    trial = _trial(folded, decision, market, gates) if decision is not None and flat else None
    position = position_told(row, facts)
    plan = trial[0] if trial else None
    works = bool(row["orders"][Purpose.ENTRY]["active"] == 1)
    if position is not None or works:
        entry = int(row["orders"][Purpose.ENTRY]["direction"])
        side = Side(int(row["position_side"]) if position is not None else entry)
        plan = plan_told(row, instrument, side, in_force=True)
    return _Market(
        answers=answers,
        said=said,
        since=said_told(outputs[outputs["event_ns"] > at_ns], instrument),
        playbook=facts.playbook.name if decision is None else decision.playbook,
        position=position,
        orders=orders_told(row, instrument),
        held_until_ns=held_until(row, now_ns),
        locks=locks_told(paper, facts.name, now_ns),
        gates=gates,
        exits=[] if position is None else exits_told(row, paper.book.account, facts, now_ns),
        plan=plan,
        risk=_recorded_answer(said, trial[1] if trial else None),
    )


def _outputs(folded: _Folded, market: int) -> tuple[Rows, str]:
    """What the market, and the account, said from the tick on; and whose words these are."""
    heard = folded.heard
    own, account = heard[heard["market"] == market], heard[heard["market"] == -1]
    at_ns = folded.known_ns if folded.decision is None else folded.decision.moment.now_ns
    reach = (folded.stretch.number, folded.number)
    recorded, whole = folded.recorded.outputs(*reach, at_ns, folded.known_ns)
    recorded = recorded[(recorded["market"] == market) & (recorded["decision_seq"] > folded.seq)]
    later = recorded[len(own) :]
    if (later["event_ns"] == folded.known_ns).all():
        # An order arrives after all else of its stamp (I4): after the moment that is told.
        recorded = recorded[: len(own)]
    alike = len(recorded) == len(own) and bool(np.array_equal(recorded["code"], own["code"]))
    answers = "recorded" if alike else "differ" if whole else "folded"
    both = np.concatenate([recorded if answers != "folded" else own, account])
    return both[np.argsort(both["event_ns"], kind="stable")], answers


def _trial(
    folded: _Folded, decision: _Decision, market: int, gates: list[GateTold]
) -> tuple[Plan, RiskTold] | None:
    """The plan that an entry would have had on that tick, and what risk says to it.

    On a core of its own, as it stood before the tick. None where no plan can be made (G22).
    """
    if gates[Gate.PLAN].verdict != "passes":
        return None
    moment, paper = decision.moment, core_of(folded.stretch.first, (), decision.before)
    book = paper.book
    book.rows[market], book.accounts[0] = moment.row, moment.account
    row, instrument = book.rows[market], book.facts[market].instrument
    make_plan(row, moment.now_ns)
    note_entry(row, int(moment.side), 0, moment.now_ns)
    book.stop["now_ns"] = moment.now_ns
    verdicts = _Verdicts()
    desk = OrderDesk(book, paper.risk, PaperBroker(book.rows), paper.portfolio, verdicts)
    plan = plan_told(row, instrument, moment.side, in_force=False)
    desk.on_intent(market, np.zeros(OUTPUT_ROWS, OUTPUT))
    assert verdicts.last is not None
    order, verdict = verdicts.last
    refused = verdict if isinstance(verdict, Refused) else None
    risk = RiskTold(
        hypothetical=True,
        approved=refused is None,
        code="" if refused is None else refused.code.word,
        limit=math.nan if refused is None else float(refused.limit),
        actual=math.nan if refused is None else float(refused.actual),
        key="" if refused is None else refused.key,
        price=instrument.price(order.limit),
        quantity=instrument.qty(order.lots),
    )
    return plan, risk


def _recorded_answer(said: list[Said], trial: RiskTold | None) -> RiskTold | None:
    """Risk's answer to the order of the tick, where there was one; else that of the trial."""
    answered = (OutputKind.APPROVED.word, OutputKind.REFUSED.word)
    answer = next((each for each in said if each.kind in answered), None)
    if answer is None:
        return trial
    approved = answer.kind == OutputKind.APPROVED.word
    same = trial is not None and trial.code == answer.code
    return RiskTold(
        hypothetical=False,
        approved=approved,
        code=answer.code,
        limit=answer.limit,
        actual=answer.actual,
        key=trial.key if trial is not None and same else "",
        price=answer.price or Decimal(0),
        quantity=answer.quantity or Decimal(0),
    )
