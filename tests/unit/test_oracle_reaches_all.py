"""Every word of the closed sets happens in the random cases, or in one made by hand."""

import math
from decimal import Decimal, localcontext

import pytest

from domain.enums import (
    ExitReason,
    Gate,
    Mover,
    OutputKind,
    Purpose,
    Refusal,
    Regime,
    StateCause,
    Word,
)
from domain.events import Event
from domain.units import EXACT
from oracle.account import Account
from oracle.core import Oracle
from oracle.money import Ledger
from oracle.plan import make_plan
from oracle.risk import Proposal, Refused, review_entry, review_exit
from oracle.said import Said
from oracle_cases import LIMITS, SECOND, bids, limits, of_kind, oracle, playbook, quote
from random_cases import CASES, new_oracle, steps, told

# Made by hand below: what no tick can bring about, or only an unusable setting.
BY_HAND = {
    Refusal.LIMIT_MISSING, Refusal.DAILY_LOSS, Refusal.BAD_PRICE, Refusal.EXCEEDS_POSITION,
}  # fmt: skip


def word(member: Word) -> str:
    """Members of two sets may be equal numbers."""
    return f"{type(member).__name__}.{member.name}"


def words_of(said: Said) -> set[str]:
    found = {word(said.kind)}
    if said.kind is OutputKind.INTENT and said.code:
        found.add(word(ExitReason(said.code)))
    if said.kind is OutputKind.REFUSED:
        found.add(word(Refusal(said.code)))
    if said.kind is OutputKind.STATE_CHANGED:
        found.add(word(StateCause(said.lots)))
    return found


def look(made: Oracle, seen: set[str]) -> None:
    seen.add(word(made.account.cause))
    for market in made.markets:
        seen.add(word(market.features.regime))
        if market.position is not None:
            seen.add(word(market.position.mover))


def words_in(name: str) -> set[str]:
    case, seen = CASES[name](), set[str]()
    made = new_oracle(case)
    for step in steps(case):
        if not isinstance(step, Event):
            made.tick(step)
        else:
            made = told(case, made, step)
        look(made, seen)
    seen |= {word(gate) for _, gate in made.rejections}
    for said in made.outputs:
        seen |= words_of(said)
    return seen


@pytest.fixture(scope="module")
def seen() -> set[str]:
    return set[str]().union(*(words_in(name) for name in CASES))


@pytest.mark.parametrize(
    "words", [ExitReason, Refusal, Mover, Gate, Regime, StateCause, OutputKind]
)
def test_every_word_happens_in_the_random_cases(words: type[Word], seen: set[str]) -> None:
    nothing = {ExitReason.NONE}
    wanted = {word(each) for each in words if each not in nothing or words is not ExitReason}
    if words is Refusal:
        wanted -= {word(each) for each in BY_HAND}
    if words is OutputKind:  # tests/unit/test_commands_that_do_not_fit.py
        wanted -= {word(OutputKind.COMMAND_REFUSED)}
    assert wanted - seen == set()


@pytest.mark.parametrize(
    "name", ["many-1010-e", "wide-2002", "leveraged-3000", "hands-5000-None", "runs-6000-None"]
)
def test_money_of_every_trade_adds_up_to_the_equity(name: str) -> None:
    case = CASES[name]()
    made = new_oracle(case)
    for step in steps(case):
        if not isinstance(step, Event):
            made.tick(step)
        else:
            made = told(case, made, step)
    assert len(made.trades) > 20
    assert all(market.position is None for market in made.markets)
    with localcontext(EXACT):
        assert made.equity() == case.start_equity + sum(trade.net for trade in made.trades)


def refusal_of(made: Oracle) -> tuple[int, float, float]:
    (said,) = of_kind(made, OutputKind.REFUSED)
    return said.code, said.distances[0], said.distances[1]


def test_limit_that_is_missing_refuses() -> None:
    for value, found in ((0.0, 0.0), (-3.0, -3.0), (math.inf, math.inf)):
        made = bids(oracle(playbook(), limits=limits(review_after_trades=value)), 1, 100)
        assert refusal_of(made) == (Refusal.LIMIT_MISSING, 0.0, found)


def test_resting_entry_at_a_bid_of_no_ticks_has_a_bad_price() -> None:
    made = oracle(playbook({"style": "resting"}))
    made.tick(quote(1, 0.5, 1))
    assert refusal_of(made) == (Refusal.BAD_PRICE, 1.0, 0.0)


def test_daily_loss_refuses_where_nothing_has_halted() -> None:
    """On ticks the state is HALTED before risk is asked (E5)."""
    made = oracle(playbook())
    made.tick(quote(1, 100, 101))
    market = made.markets[0]
    account = Account(limits(max_daily_loss=9.0), Ledger(Decimal(10_000)))
    account.ledger.realised = Decimal(-9)
    plan = make_plan(market, SECOND)
    entry = Proposal(Purpose.ENTRY, 1, 101, 5)
    assert review_entry(account, market, entry, plan, SECOND) == Refused(
        Refusal.DAILY_LOSS, -9.0, -9.0
    )


def test_exit_larger_than_the_position_is_refused() -> None:
    """The oracle's own exits never are."""
    made = bids(oracle(playbook(), limits=LIMITS), 1, 100, 100)
    exit_ = Proposal(Purpose.EXIT, -1, 100, 6)
    answer = review_exit(made.account, made.markets[0], exit_, 3 * SECOND)
    assert answer == Refused(Refusal.EXCEEDS_POSITION, 5, 6)
