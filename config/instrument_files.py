"""Instrument files: TOML to `Instrument`, with every bound checked and nothing filled in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final, TypeVar

from config.reading import Toml, hint, refuse_unknown_keys
from config.zones import DAY_MINUTES, minutes, zone
from domain.enums import Contract
from domain.errors import BadConfig
from domain.instruments import (
    PERPETUALS,
    Fees,
    FundingTerms,
    Instrument,
    MarginSchedule,
    MarginTerms,
    MarginTier,
    SessionHours,
)

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OPTIONAL: Final = ("files", "session", "left_out", "margin", "funding", "funding_files")
_KEYS: Final = tuple(name for name in Instrument.__struct_fields__ if name != "name")
_MOST: Final = Decimal(10) ** 12
_MOST_LOTS: Final = 10**12
_LONGEST_LATENCY_MS: Final = 60_000
_LOWEST_FEE: Final = Decimal("-0.01")
_HIGHEST_FEE: Final = Decimal("0.05")
_NEAREST: Final = Decimal(10) ** -12
_MOST_LEVERAGE: Final = Decimal(1000)
_MOST_FUNDING: Final = Decimal("0.05")
_DAY_HOURS: Final = 24

_SCHEDULE: Final = ("since", "tiers")
_TIER: Final = ("from", "rate")

Checked = TypeVar("Checked")


def instrument_from(data: Toml, name: str, source: str) -> Instrument:
    """Check a decoded instrument file. BadConfig names `source`, the key and what would do."""
    refuse_unknown_keys(data, _KEYS, source)
    table = _Table(data, source, "")
    for key in _KEYS:
        if key not in _OPTIONAL and key not in data:
            raise table.refuse(key, _why_required(key))
    contract = _contract(table)
    return Instrument(
        name=name,
        venue=table.text("venue"),
        symbol=table.text("symbol"),
        quote=table.text("quote"),
        settle=table.text("settle"),
        contract=contract,
        multiplier=table.decimal("multiplier", _NEAREST, _MOST),
        tick=table.decimal("tick", _NEAREST, _MOST),
        lot=table.decimal("lot", _NEAREST, _MOST),
        min_notional=table.decimal("min_notional", Decimal(0), _MOST),
        standard_lots=table.whole("standard_lots", 1, _MOST_LOTS),
        shortable=table.flag("shortable"),
        latency_ms=table.whole("latency_ms", 0, _LONGEST_LATENCY_MS),
        assumed_half_spread=table.decimal("assumed_half_spread", _NEAREST, _MOST),
        assumed_size=table.decimal("assumed_size", _NEAREST, _MOST),
        fees=_fees(table),
        files=table.texts("files") if "files" in data else (),
        session=_session(table) if "session" in data else None,
        left_out=table.texts("left_out") if "left_out" in data else (),
        margin=_margin(table) if "margin" in data else None,
        funding=_funding(table, contract),
        funding_files=_funding_files(table, contract),
    )


def _why_required(key: str) -> str:
    if key == "fees":
        return "is missing: state maker and taker, a zero too"
    return "is missing: nothing is filled in"


def _contract(table: "_Table") -> Contract:
    word = table.text("contract")
    by_word = {member.word: member for member in Contract}
    if word not in by_word:
        raise table.refuse("contract", f"is unknown: {word!r}; {hint(word, by_word)}")
    return by_word[word]


def _fees(table: "_Table") -> Fees:
    inner = table.table("fees", Fees.__struct_fields__)
    rates = {key: inner.decimal(key, _LOWEST_FEE, _HIGHEST_FEE) for key in ("maker", "taker")}
    return Fees(**rates)


def _session(table: "_Table") -> SessionHours:
    inner = table.table("session", SessionHours.__struct_fields__)
    days = inner.texts("days")
    for day in days:
        if day not in DAYS:
            raise inner.refuse("days", f"holds {day!r}; {hint(day, DAYS)}")
    if not days or len(set(days)) < len(days):
        raise inner.refuse("days", "must name at least one day, and each once")
    inner.read("zone", zone)
    starts = inner.read("open", minutes)
    length = (inner.read("close", minutes) - starts) % DAY_MINUTES or DAY_MINUTES
    until_cut_off = (inner.read("cut_off", minutes) - starts) % DAY_MINUTES or DAY_MINUTES
    if until_cut_off > length:
        raise inner.refuse("cut_off", "must lie after the open and not after the close")
    return SessionHours(
        zone=inner.text("zone"),
        days=days,
        open=inner.text("open"),
        close=inner.text("close"),
        cut_off=inner.text("cut_off"),
    )


def _margin(table: "_Table") -> MarginTerms:
    inner = table.table("margin", MarginTerms.__struct_fields__)
    leverage = inner.decimal("leverage", Decimal(1), _MOST_LEVERAGE)
    schedules = tuple(_schedule(each, leverage) for each in inner.tables("schedules", _SCHEDULE))
    for before, after in pairwise(schedules):
        if after.since <= before.since:
            raise inner.refuse("schedules", f"must ascend: {after.since} follows {before.since}")
    return MarginTerms(
        leverage=leverage,
        liquidation_fee=inner.decimal("liquidation_fee", Decimal(0), _HIGHEST_FEE),
        schedules=schedules,
    )


def _schedule(table: "_Table", leverage: Decimal) -> MarginSchedule:
    since = table.read("since", _day)
    tiers = tuple(_tier(each) for each in table.tables("tiers", _TIER))
    if tiers[0].from_notional != 0:
        raise table.refuse("tiers", f"must start from 0, not from {tiers[0].from_notional:f}")
    for before, after in pairwise(tiers):
        if after.from_notional <= before.from_notional or after.rate <= before.rate:
            raise table.refuse(
                "tiers",
                f"must ascend: {after.from_notional:f} at {after.rate:f} follows "
                f"{before.from_notional:f} at {before.rate:f}",
            )
    if leverage * tiers[0].rate >= 1:
        most = 1 / tiers[0].rate
        raise BadConfig(
            f"{table.source}: margin.leverage must be below {most:.2f}, 1 / the lowest rate since "
            f"{since}: at {leverage:f} a position is liquidated at once"
        )
    return MarginSchedule(since=since, tiers=tiers)


def _tier(table: "_Table") -> MarginTier:
    rate = table.decimal("rate", _NEAREST, Decimal(1))
    if rate == 1:
        raise table.refuse("rate", "must be below 1: a fraction of the notional")
    return MarginTier(from_notional=table.decimal("from", Decimal(0), _MOST), rate=rate)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise ValueError(f'{text!r} is no day: write "YYYY-MM-DD"')
    return found


def _funding(table: "_Table", contract: Contract) -> FundingTerms | None:
    if not table.has("funding"):
        if contract in PERPETUALS:
            raise table.refuse(
                "funding",
                "is missing: a perpetual pays it; state interval_hours, stamp and assumed_rate, "
                "a zero too",
            )
        return None
    _refuse_funding_of_others(table, "funding", contract)
    inner = table.table("funding", FundingTerms.__struct_fields__)
    hours = inner.whole("interval_hours", 1, _DAY_HOURS)
    if _DAY_HOURS % hours:
        raise inner.refuse("interval_hours", f"must divide a day of 24 hours, not {hours}")
    inner.read("stamp", minutes)
    return FundingTerms(
        interval_hours=hours,
        stamp=inner.text("stamp"),
        assumed_rate=inner.decimal("assumed_rate", -_MOST_FUNDING, _MOST_FUNDING),
    )


def _funding_files(table: "_Table", contract: Contract) -> tuple[str, ...]:
    if not table.has("funding_files"):
        return ()
    _refuse_funding_of_others(table, "funding_files", contract)
    return table.texts("funding_files")


def _refuse_funding_of_others(table: "_Table", key: str, contract: Contract) -> None:
    if contract not in PERPETUALS:
        raise table.refuse(key, f"is for perpetuals only, and this contract is {contract.word}")


class _Table:
    """One table of a file; every refusal names file and key."""

    def __init__(self, data: Toml, source: str, section: str) -> None:
        self._data = data
        self.source = source
        self._section = section

    def refuse(self, key: str, text: str) -> BadConfig:
        path = f"{self._section}.{key}" if self._section else key
        return BadConfig(f"{self.source}: {path} {text}")

    def table(self, key: str, keys: tuple[str, ...]) -> "_Table":
        return _checked_table(self._data[key], keys, self.source, key)

    def tables(self, key: str, keys: tuple[str, ...]) -> "list[_Table]":
        """A list of tables, at least one; places are counted from 1."""
        raw = self._data[key]
        if not isinstance(raw, list) or not raw:
            raise self.refuse(key, f"must be a list of tables, at least one, not {raw!r}")
        section = f"{self._section}.{key}" if self._section else key
        return [
            _checked_table(each, keys, self.source, f"{section}[{place}]")
            for place, each in enumerate(raw, 1)
        ]

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str) -> str:
        raw = self._data[key]
        if not isinstance(raw, str) or not raw:
            raise self.refuse(key, f"must be a text, not {raw!r}")
        return raw

    def texts(self, key: str) -> tuple[str, ...]:
        raw = self._data[key]
        if not isinstance(raw, list) or not all(isinstance(each, str) and each for each in raw):
            raise self.refuse(key, f"must be a list of texts, not {raw!r}")
        return tuple(raw)

    def read(self, key: str, reader: Callable[[str], Checked]) -> Checked:
        """A text, through a reader whose ValueError says what was expected."""
        try:
            return reader(self.text(key))
        except ValueError as error:
            raise self.refuse(key, f"cannot be used: {error}") from error

    def flag(self, key: str) -> bool:
        raw = self._data[key]
        if not isinstance(raw, bool):
            raise self.refuse(key, f"must be true or false, not {raw!r}")
        return raw

    def whole(self, key: str, lower: int, upper: int) -> int:
        raw = self._data[key]
        if isinstance(raw, bool) or not isinstance(raw, int) or not lower <= raw <= upper:
            raise self.refuse(key, f"must be a whole number from {lower} to {upper}, not {raw!r}")
        return raw

    def decimal(self, key: str, lower: Decimal, upper: Decimal) -> Decimal:
        raw = self._data[key]
        if not isinstance(raw, str):
            raise self.refuse(key, f'must be a decimal in quotes, such as "0.1", not {raw!r}')
        try:
            value = Decimal(raw)
        except InvalidOperation as error:
            raise self.refuse(key, f"must be a decimal, not {raw!r}") from error
        if not value.is_finite() or not lower <= value <= upper:
            least = "above 0" if lower == _NEAREST else f"at least {lower}"
            raise self.refuse(key, f"must be {least} and at most {upper:f}, not {raw!r}")
        return value


def _checked_table(raw: object, keys: tuple[str, ...], source: str, section: str) -> _Table:
    """A table that has all of these keys and no others."""
    if not isinstance(raw, dict):
        raise BadConfig(f"{source}: {section} must be a table, not {raw!r}")
    refuse_unknown_keys(raw, keys, source, section)
    inner = _Table(raw, source, section)
    for each in keys:
        if each not in raw:
            raise inner.refuse(each, "is missing: nothing is filled in")
    return inner
