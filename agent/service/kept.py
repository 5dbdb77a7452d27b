"""The state that ledgers keep, in parts, as JSON under a key each, and how it becomes whole."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from db.state_keys import ACCOUNT, MARKET, RISK
from domain.durable import AccountMemory, Durable, MarketMemory
from domain.enums import Regime
from domain.errors import BadInput
from domain.risk_state import RiskState

_ENCODER: Final = msgspec.json.Encoder()
_Part = TypeVar("_Part")


class TradeBegan(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an open trade's beginning; `fees` were paid so far."""

    client_id: str
    playbook: str
    parameters_hash: str
    regime: Regime
    features: str
    fees: Decimal = Decimal(0)


class KeptMarket(msgspec.Struct, frozen=True, kw_only=True):
    """A market's memory, and how its open trade began.

    at_ns  time of the latest event that it knows of: each ledger is as old as its own file, and
           what happened to a market after its own time is missing in it.
    """

    memory: MarketMemory
    began: TradeBegan | None
    at_ns: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """All parts together; `at_ns`: how far each market had come."""

    durable: Durable
    began: dict[str, TradeBegan]
    at_ns: dict[str, int]

    @property
    def newest_ns(self) -> int:
        """Time of the latest event that any part knows of."""
        return max(self.durable.account.at_ns, *self.at_ns.values(), 0)


def text_of(part: AccountMemory | RiskState | KeptMarket) -> str:
    """As a ledger keeps it."""
    return _ENCODER.encode(part).decode()


def whole(auto: Mapping[str, str], manual: Mapping[str, str]) -> Kept | None:
    """The newest parts of both ledgers by key. None where nothing was kept yet.

    BadInput where a part is missing or is not of this build's shape: the position it tells of
    cannot be trusted. A first run that was killed may have left its markets by hand alone, flat.
    """
    if not auto and not any(_holds(text) for text in manual.values()):
        return None
    for key in (ACCOUNT, RISK):
        if key not in auto:
            raise BadInput(f"auto.db: the state {key!r} is missing; restore a backup of the ledger")
    markets = [
        _part(f"{place}: {key}", text, KeptMarket)
        for place, parts in (("auto.db", auto), ("manual.db", manual))
        for key, text in parts.items()
        if key.startswith(MARKET)
    ]
    durable = Durable(
        account=_part(f"auto.db: {ACCOUNT}", auto[ACCOUNT], AccountMemory),
        markets=tuple(each.memory for each in markets),
        risk=_part(f"auto.db: {RISK}", auto[RISK], RiskState),
    )
    began = {each.memory.market: each.began for each in markets if each.began is not None}
    times = {each.memory.market: each.at_ns for each in markets}
    return Kept(durable=durable, began=began, at_ns=times)


def _holds(text: str) -> bool:
    return _part("manual.db", text, KeptMarket).memory.money.open is not None


def _part(place: str, text: str, kind: type[_Part]) -> _Part:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise BadInput(
            f"{place}: the kept state is not of this build's shape ({error}); flatten with the "
            "build that wrote it, or restore a backup"
        ) from error
