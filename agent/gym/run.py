"""A visit to the gym: every chosen session played, checked and told."""

import shlex
import time
from pathlib import Path

import msgspec
from msgspec.structs import replace

from agent.gym.course import course_of, worst_place
from agent.gym.evidence import Evidence
from agent.gym.folders import claim
from agent.gym.limit_use import limit_use
from agent.gym.scenario import Scenario
from agent.gym.scenarios import chosen, scenarios
from agent.gym.session import Played, Wanted, play
from agent.gym.violations import violations
from agent.replay.outcome import Progress
from agent.replay.summary import exits_by_reason, money_of
from agent.replay.warm_up import warm_up
from config.catalog import load_playbook
from config.settings import load_settings
from domain.enums import OutputKind, Purpose, StateCause, TickKind, TradingState
from domain.jit import kernel_hash
from domain.portfolio import Totals, Trade
from reporting.amounts import utc_exact
from reporting.gym_summary import (
    GymSummary,
    ScenarioTold,
    SessionResult,
    Violation,
    WorstMoment,
)


class GymRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One visit.

    playbook   name of a shipped playbook, or path of a file.
    scenarios  names of sessions; none: all.
    record     a folder for the recordings that holds none of the sessions yet; None: the gym's own,
               which holds one visit.
    settings   a settings file instead of the defaults: its limits are those that are held.
    """

    playbook: str = "baseline"
    seed: int = 1
    scenarios: tuple[str, ...] = ()
    record: Path | None = None
    settings: Path | None = None


def run_gym(request: GymRequest, progress: Progress) -> GymSummary:
    """Play the sessions one after the other; they differ in nothing from day to day.

    progress  is told "playing" after each session.
    Errors    BadUsage, BadInput or BadConfig names the session, folder, key or option that cannot
              be used.
    """
    settings, playbook = load_settings(request.settings), load_playbook(request.playbook)
    wanted = chosen(request.scenarios)
    swept = scenarios() if request.record is None else wanted
    folder, lock = claim(request.record, [each.name for each in swept])
    started = time.perf_counter()
    results: list[SessionResult] = []
    problems: dict[str, None] = {}
    try:
        progress("playing", 0, len(wanted))
        warm_up(settings)
        for scenario in wanted:
            asked = Wanted(
                scenario=scenario,
                seed=request.seed,
                playbook=playbook,
                settings=settings,
                folder=folder / scenario.name,
            )
            played = play(asked)
            results.append(_result(scenario, played))
            problems.update(dict.fromkeys(played.problems))
            progress("playing", len(results), len(wanted))
    finally:
        lock.release()
    return GymSummary(
        playbook=playbook.name,
        parameters_hash=playbook.content_hash,
        kernel_hash=kernel_hash(),
        seed=request.seed,
        currency=settings.account.currency,
        seconds=time.perf_counter() - started,
        recordings=str(folder),
        problems=list(problems),
        sessions=results,
    )


def scenarios_told() -> list[ScenarioTold]:
    """All sessions, for a list."""
    return [
        ScenarioTold(
            name=each.name,
            sentence=each.sentence,
            scripted=each.scripted,
            markets=list(each.markets),
            seconds=each.seconds,
        )
        for each in scenarios()
    ]


def _result(scenario: Scenario, played: Played) -> SessionResult:
    evidence = played.evidence
    course = course_of(evidence)
    place = worst_place(course)
    totals = Totals()
    for trade in evidence.trades:
        totals = totals.plus(trade)
    good = int((evidence.ticks["kind"] != TickKind.INVALID_BOOK).sum())
    return SessionResult(
        name=scenario.name,
        sentence=scenario.sentence,
        scripted=scenario.scripted,
        markets=list(scenario.markets),
        seconds=scenario.seconds,
        ticks=good,
        ticks_dropped={kind.word: count for kind, count in sorted(played.dropped.items())},
        trades=totals.trades,
        wins=totals.won,
        money=money_of(totals),
        max_drawdown=evidence.max_drawdown,
        drawdown_ns=None if place is None else int(course.times_ns[place]),
        exits=exits_by_reason(list(evidence.trades)),
        halts=_halts(evidence),
        limits=limit_use(evidence, course),
        worst=_worst(scenario, evidence),
        violations=[_asked(each, evidence) for each in violations(evidence, course)],
        decision_hash=played.decision_hash,
        recording=str(evidence.recording),
    )


def _halts(evidence: Evidence) -> list[str]:
    outputs = evidence.outputs
    halted = (outputs["kind"] == OutputKind.STATE_CHANGED) & (
        outputs["code"] == TradingState.HALTED
    )
    return [StateCause(int(each["lots"])).word for each in outputs[halted]]


def _worst(scenario: Scenario, evidence: Evidence) -> WorstMoment:
    if not evidence.trades:
        market, at_ns = scenario.markets[0], scenario.moment_ns
        why = _why(market, at_ns, evidence.recording)
        return WorstMoment(market=market, time_ns=at_ns, net=None, side="", reason="", why=why)
    trade = min(evidence.trades, key=lambda each: each.net)
    at_ns = _left_ns(trade, evidence)
    return WorstMoment(
        market=trade.market,
        time_ns=at_ns,
        net=trade.net,
        side=trade.side.word,
        reason=trade.reason.word,
        why=_why(trade.market, at_ns, evidence.recording),
    )


def _left_ns(trade: Trade, evidence: Evidence) -> int:
    """When the order was decided whose fill closed a trade."""
    last = [
        fill
        for fill in evidence.fills
        if fill.time_ns == trade.exit_ns
        and evidence.markets[fill.order.market].name == trade.market
        and fill.order.purpose is Purpose.EXIT
    ]
    return int(last[-1].order.decided_ns)


def _asked(violation: Violation, evidence: Evidence) -> Violation:
    """With the command that tells what its market did then."""
    market = violation.market or evidence.markets[0].name
    return replace(violation, why=_why(market, violation.time_ns, evidence.recording))


def _why(market: str, at_ns: int, recording: Path) -> str:
    where = shlex.quote(str(recording))
    return f"autoscalper why {market} {utc_exact(at_ns)} --recording {where}"
