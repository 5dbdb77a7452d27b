"""What ledgers keep of the state comes back as it was."""

from decimal import Decimal

from agent.service.kept import text_of, whole
from db.state_keys import ACCOUNT, RISK
from domain.durable import AccountMemory
from domain.enums import Refusal
from domain.locks import Lock
from risk.engine import RiskEngine
from trading_cases import NOW, limits

MEMORY = AccountMemory(at_ns=1, numbers={"peak": 2}, start=Decimal("1.50"), day_start=Decimal(0))


def test_a_lock_by_hand_comes_back_although_it_has_no_limit() -> None:
    risk = RiskEngine(limits())
    risk.lock_by_hand("COIN", NOW, None)
    kept = whole({ACCOUNT: text_of(MEMORY), RISK: text_of(risk.state())}, {})
    assert kept is not None
    assert kept.durable.account == MEMORY
    (lock,) = kept.durable.risk.locks
    assert isinstance(lock, Lock)
    assert (lock.market, lock.code, lock.until_ns) == ("COIN", Refusal.LOCKED_BY_HAND, None)
    assert (lock.limit, lock.actual) == (None, None)
