"""What a playbook did in the gym, for people: readable at 80 columns and without colour."""

from decimal import Decimal

from rich.console import Console
from rich.text import Text

from reporting.amounts import amount, amounts, counted, span, utc
from reporting.gym_summary import (
    RULE_WORDS,
    GymSummary,
    LimitUse,
    Rule,
    ScenarioTold,
    SessionResult,
)
from reporting.layout import pairs, plain_table, print_heading, print_sentence

_NONE = "-"
_SCRIPT = "*"


def print_gym(console: Console, summary: GymSummary) -> None:
    """Print the whole scorecard."""
    name = (summary.playbook, "bold")
    console.print(
        Text.assemble("SIMULATED: playbook ", name, f", parameters {summary.parameters_hash}")
    )
    print_sentence(
        console,
        f"{counted(len(summary.sessions), 'session')} of markets that do not exist, seed "
        f"{summary.seed}, in {span(summary.seconds)}. They show how a playbook behaves, not "
        f"whether it earns; in those marked {_SCRIPT} prices follow a script.",
    )
    for problem in summary.problems:
        print_sentence(console, f"WARNING {problem}", "yellow")
    print_heading(console, f"Scorecard, {summary.currency}, after all costs (SIMULATED)")
    _print_sessions(console, summary)
    print_heading(console, "Limits, and the session that used most of each (SIMULATED)")
    _print_limits(console, summary.sessions)
    print_heading(console, "Worst trades, when they were left (UTC), and how to ask (SIMULATED)")
    for each in summary.sessions:
        _print_worst(console, each, summary.currency)
    _print_violations(console, summary)
    console.print()
    console.print(pairs(("recordings", summary.recordings), ("kernels", summary.kernel_hash)))


def _print_sessions(console: Console, summary: GymSummary) -> None:
    table = plain_table(console)
    table.add_column("session", no_wrap=True, vertical="bottom")
    for heading in ("trades", "net", "max\ndrawdown"):
        table.add_column(heading, no_wrap=True, justify="right", vertical="bottom")
    table.add_column("most used limit", no_wrap=True, vertical="bottom")
    table.add_column("rules\nbroken", no_wrap=True, justify="right", vertical="bottom")
    nets = amounts([each.money.net for each in summary.sessions] + [_net(summary)], signed=True)
    drawdowns = amounts(each.max_drawdown for each in summary.sessions)
    for each, net, drawdown in zip(summary.sessions, nets, drawdowns, strict=False):
        name = f"{each.name}{_SCRIPT if each.scripted else ''}"
        used = _used(each.limits[0]) if each.limits else _NONE
        broken = str(len(each.violations)) if each.violations else _NONE
        table.add_row(name, f"{each.trades:,}", net, drawdown, used, broken)
    trades = sum(each.trades for each in summary.sessions)
    table.add_row("all", f"{trades:,}", nets[-1], "", "", str(summary.broken or _NONE))
    console.print(table)
    for each in summary.sessions:
        if each.halts:
            reasons = ", ".join(each.halts)
            print_sentence(console, f"{each.name}: the account was halted: {reasons}.")


def _net(summary: GymSummary) -> Decimal:
    return sum((each.money.net for each in summary.sessions), Decimal(0))


def _used(use: LimitUse) -> str:
    return f"{_words(use)} {_share(use.share)}"


def _words(use: LimitUse) -> str:
    return use.key.removeprefix("limits.").removeprefix("max_").replace("_", " ")


def _share(share: float) -> str:
    """In per cent; a little is never none."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.1f} %"


def _print_limits(console: Console, sessions: list[SessionResult]) -> None:
    most: dict[str, tuple[LimitUse, str]] = {}
    for each in sessions:
        for use in each.limits:
            if use.key not in most or use.share > most[use.key][0].share:
                most[use.key] = (use, each.name)
    table = plain_table(console)
    table.add_column("limit", no_wrap=True)
    for heading in ("used", "of", "share"):
        table.add_column(heading, no_wrap=True, justify="right")
    table.add_column("session", no_wrap=True)
    for use, session in sorted(most.values(), key=lambda each: -each[0].share):
        used, limit = (_number(use.key, value) for value in (use.used, use.limit))
        table.add_row(_words(use), used, limit, _share(use.share), session if use.used else _NONE)
    console.print(table)


def _number(key: str, value: float) -> str:
    if key == "limits.orders_per_day":
        return f"{value:,.0f}"
    return f"{value:,.4f}" if key == "limits.max_leverage" else amount(Decimal(value), places=2)


def _print_worst(console: Console, session: SessionResult, currency: str) -> None:
    worst = session.worst
    when = f"{worst.market} {utc(worst.time_ns)}"
    if worst.net is None:
        said = f"no trade; ask about {when}"
    else:
        reason = worst.reason.replace("_", " ")
        net = amount(worst.net, signed=True)
        said = f"{net} {currency}, {worst.side}, left by {reason}, {when}"
    console.print(Text(f"{session.name}: {said}"))
    console.print(Text(f"  {worst.why}"), soft_wrap=True)  # one line, to be copied


def _print_violations(console: Console, summary: GymSummary) -> None:
    print_heading(console, "Rules")
    if not summary.broken:
        print_sentence(console, f"None of {counted(len(Rule), 'rule')} was broken.")
        return
    for each in summary.sessions:
        for found in each.violations:
            where = f" {found.market}" if found.market else ""
            print_sentence(
                console,
                f"BROKEN {each.name}{where} at {utc(found.time_ns)} UTC: {found.rule}: "
                f"{found.said}. ({RULE_WORDS[_rule(found.rule)]})",
                "bold red",
            )
            console.print(Text(f"  {found.why}"), soft_wrap=True)


def _rule(word: str) -> Rule:
    return next(rule for rule in Rule if rule.word == word)


def print_scenarios(console: Console, scenarios: list[ScenarioTold]) -> None:
    """Print names and sentences."""
    console.print(Text(f"SIMULATED sessions; those marked {_SCRIPT} follow a script"))
    console.print()
    entries = []
    for each in scenarios:
        markets = ", ".join(each.markets)
        name = f"{each.name}{_SCRIPT if each.scripted else ''}"
        entries.append((name, f"{each.sentence} {markets}, {_length(each.seconds)}."))
    console.print(pairs(*entries))


def _length(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes" if seconds < 7_200 else f"{seconds / 3600:.1f} hours"
