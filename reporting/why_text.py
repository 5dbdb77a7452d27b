"""Why a market did what it did at a moment, for people: one sentence, then all that it rests on.

Reads the same in 80 columns, in a pipe and without colour.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console

from domain.enums import Gate
from domain.units import SECOND_NS
from reporting.amounts import amount, price, span
from reporting.layout import pairs, plain_table, print_heading, print_sentence
from reporting.playbook_gates import plain
from reporting.why_sentences import at, first, of_day, opening, sentence, state_told, until_told
from reporting.why_summary import (
    Account,
    ExitTold,
    GateTold,
    Hole,
    Plan,
    Position,
    RiskTold,
    WhySummary,
    WorkingOrder,
)
from reporting.why_words import (
    number,
    spoken,
    told_apart,
    why_refused,
    with_unit,
)

_VERDICTS: Final = {
    "passes": "passes",
    "blocks": "BLOCKS",
    "not_ready": "BLOCKS, not ready",
    "observed": "only observed, would block",
    "missing_observed": "only observed, not ready",
    "missing_passes": "not ready, let pass",
    "off": "off",
}
_HOLES: Final = {
    "lost": "what came was not recorded",
    "cut_off": "the recording was cut off, as by a crash",
    "not_running": "nothing ran that could record",
}


def print_why(console: Console, summary: WhySummary) -> None:
    """Print the whole answer."""
    print_sentence(console, opening(summary), "bold")
    for note in _notes(summary):
        print_sentence(console, note)
    _print_said(console, summary)
    _print_state(console, summary)
    if summary.gates:
        _print_gates(console, summary)
    if summary.exits:
        _print_exits(console, summary.exits, summary.account.currency)
    if summary.plan is not None:
        _print_plan(console, summary.plan, summary)
    _print_risk(console, summary)


def _notes(summary: WhySummary) -> Iterator[str]:
    """What limits the answer."""
    asked, known = summary.asked_ns, summary.known_ns
    if summary.hole is not None:
        yield _hole(summary.hole)
    if known < asked:
        yield f"So this is how it was at {at(known)}, the last moment known before {at(asked)}."
    if summary.answered_ns is not None and summary.answered_ns < known:
        ago = _ago(known - summary.answered_ns)
        yield f"That was its last tick before {at(known)}, {ago} earlier."
    if summary.assumed_zone:
        yield "The time was given without a zone and is read as UTC."
    if summary.answers == "differ":
        yield (
            "Folding the recording again says something else than what was recorded: verify it "
            "before you rely on this."
        )
    elif summary.answers == "folded":
        yield "What was said then is not recorded; it is what folding again says."
    if not summary.same_build:
        yield "Another build recorded this; what folding again says may differ from what it did."


def _ago(length_ns: int) -> str:
    if length_ns >= SECOND_NS:
        return span(length_ns / SECOND_NS)
    return f"{max(1, length_ns // 1_000_000)} ms"


def _hole(hole: Hole) -> str:
    return (
        f"Nothing is known between {at(hole.from_ns)} and {at(hole.until_ns)}: {_HOLES[hole.why]}."
    )


def _print_said(console: Console, summary: WhySummary) -> None:
    for heading, said in (("On that tick", summary.said), ("From then on", summary.since)):
        if said:
            print_heading(console, heading)
            console.print(pairs(*((of_day(each.time_ns), sentence(each)) for each in said)))


def _print_state(console: Console, summary: WhySummary) -> None:
    print_heading(console, f"State at {at(summary.known_ns)}")
    account = summary.account
    rows = [("account", state_told(account)), ("day", _day(account)), ("drawdown", _fall(account))]
    if account.orders_left is not None:
        rows.append(("orders left", f"{account.orders_left:,} entries today"))
    if summary.playbook:
        rows.append(("playbook", summary.playbook))
    rows.append(("position", _position(summary.position, account.currency)))
    rows += [("order", _order(order, summary.known_ns)) for order in summary.orders]
    if summary.held_until_ns is not None:
        rows.append(("on hold", until_told(summary.held_until_ns)))
    for lock in summary.locks:
        until = "until a person releases it" if lock.until_ns is None else until_told(lock.until_ns)
        where = "all markets" if lock.market == "*" else lock.market
        rows.append(
            ("lock", f"{where}, {until}: {why_refused(lock.code, lock.limit, lock.actual)}")
        )
    console.print(pairs(*rows))


def _day(account: Account) -> str:
    result = f"{amount(account.day_result, signed=True)} {account.currency}"
    if account.daily_loss_limit is None or account.daily_loss_left is None:
        return f"{result}, no loss limit"
    left = amount(account.daily_loss_left)
    return f"{result}, {left} left of a loss limit of {amount(account.daily_loss_limit)}"


def _fall(account: Account) -> str:
    fall = f"{amount(account.drawdown)} {account.currency}"
    if account.drawdown_limit is None or account.drawdown_left is None:
        return f"{fall}, no limit"
    return f"{fall}, {amount(account.drawdown_left)} left of {amount(account.drawdown_limit)}"


def _position(position: Position | None, currency: str) -> str:
    if position is None:
        return "none"
    target = "none" if position.target is None else price(position.target)
    moved = "" if position.mover == "hard" else f" (moved by {_MOVERS[position.mover]})"
    return (
        f"{position.side} {price(position.quantity)} at {price(position.entry_price)} since "
        f"{of_day(position.entry_ns)}; stop {price(position.stop)}{moved}, target {target}; "
        f"{amount(position.net, signed=True)} {currency} if left now, costs paid"
    )


_MOVERS: Final = {
    "break_even": "break-even",
    "trail": "the trail",
    "offset": "the offset",
    "lock": "the profit lock",
    "tight": "the tight trail",
    "fast": "the fast trail",
    "time": "the time guard",
}


def _order(order: WorkingOrder, now_ns: int) -> str:
    what = "entry" if order.purpose == "entry" else "exit"
    side = "buy" if order.buys else "sell"
    terms = f"{what}: {side} {price(order.quantity)} at {price(order.limit)} or better"
    if order.arrived:
        return f"{terms}, works {until_told(order.end_ns)}"
    return f"{terms}, arrives in {span((order.arrival_ns - now_ns) / SECOND_NS)}"


def _print_gates(console: Console, summary: WhySummary) -> None:
    side = f"{summary.side} at {of_day(summary.answered_ns or 0)}"
    print_heading(console, f"Gates for {side}, in their order")
    table = plain_table(console)
    table.add_column("gate", no_wrap=True)
    for heading in ("was", "asked", "margin"):
        table.add_column(heading, justify="right", overflow="fold")
    table.add_column("result", overflow="fold")
    for gate in summary.gates:
        if gate.mode == "off":
            continue
        first = "  <- first" if gate.gate == summary.first_failing else ""
        table.add_row(*_gate_cells(gate), f"{_VERDICTS[gate.verdict]}{first}")
    console.print(table)
    off = [plain(Gate[each.gate.upper()]) for each in summary.gates if each.mode == "off"]
    if off:
        print_sentence(console, f"Off: {', '.join(off)}.")


def _gate_cells(gate: GateTold) -> tuple[str, str, str, str]:
    name = plain(Gate[gate.gate.upper()])
    if gate.gate in _UNNUMBERED:
        shown, asked = gate.shown or _UNNUMBERED[gate.gate][gate.distance >= 0], gate.asked
        return name, shown, asked, ""
    if math.isinf(gate.distance):
        return name, "no reason yet", "", ""
    value, asked = told_apart(gate.value, gate.threshold)
    sign = ">=" if gate.at_least else "<="
    margin = "-" if math.isnan(gate.distance) else f"{number(gate.distance, 3)}"
    margin = f"+{margin}" if gate.distance > 0 else margin
    unit = gate.unit
    return name, with_unit(value, unit), f"{sign} {asked}", margin


# Gates whose numbers say nothing to people; the words where the summary has none.
_UNNUMBERED: Final = {
    "trading_state": ("", ""),
    "session": ("", ""),
    "side": ("", ""),
    "regime": ("", ""),
    "scan_plan": ("another side", "this side"),
    "plan": ("cannot be made", "can be made"),
}


def _print_exits(console: Console, exits: Sequence[ExitTold], currency: str) -> None:
    print_heading(console, "Ways out of the position, how far each is")
    table = plain_table(console)
    table.add_column("exit", no_wrap=True)
    table.add_column("away", justify="right")
    table.add_column("at", justify="right")
    for each in exits:
        unit = currency if each.unit == "money" else each.unit
        far = "reached" if each.distance <= 0 else with_unit(number(each.distance), unit)
        name = f"{spoken(each.reason)}{' stop' if each.reason in _MOVED else ''}"
        table.add_row(name, far, "" if each.level is None else price(each.level))
    console.print(table)


_MOVED: Final = ("break_even", "profit_lock", "trailing", "tight_trailing", "fast_trailing")


def _print_plan(console: Console, plan: Plan, summary: WhySummary) -> None:
    entered = first(summary.said, "intent") is not None
    would = (
        "Plan in force" if plan.in_force else "Plan it made" if entered else "Plan it would make"
    )
    print_heading(console, f"{would}, {plan.side}")
    table = plain_table(console)
    table.add_column("part", no_wrap=True)
    for heading in ("ticks", "price", "bp", "level"):
        table.add_column(heading, justify="right")
    for part in plan.parts:
        level = "" if part.level is None else price(part.level)
        cells = (f"{part.ticks:,}", price(part.price), f"{part.bps:.2f}", level)
        table.add_row(spoken(part.name), *cells)
    console.print(table)


def _print_risk(console: Console, summary: WhySummary) -> None:
    risk = summary.risk
    if risk is None and summary.activity != "flat":
        return
    print_heading(console, "Risk")
    if risk is None:
        print_sentence(console, f"Risk has nothing to judge: {_unjudged(summary)}.")
        return
    print_sentence(console, _verdict(risk))


def _unjudged(summary: WhySummary) -> str:
    plan = next((each for each in summary.gates if each.gate == "plan"), None)
    planned = plan is not None and plan.distance >= 0.0
    return "a gate kept it from asking" if planned else "no plan could be made"


def _verdict(risk: RiskTold) -> str:
    order = f"{price(risk.quantity)} at {price(risk.price)}"
    if risk.hypothetical:
        would = (
            f"Had every gate passed, risk would have {'approved' if risk.approved else 'refused'}"
        )
    else:
        would = f"Risk {'approved' if risk.approved else 'refused'}"
    if risk.approved:
        return f"{would} {order}."
    key = f" ({risk.key})" if risk.key.startswith(("limits.", "protections.")) else ""
    return f"{would} {order}: {why_refused(risk.code, risk.limit, risk.actual)}{key}."
