"""Instrument files: TOML to `Instrument`, with every bound checked and nothing filled in."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from config.reading import Toml, hint, refuse_unknown_keys
from config.zones import DAY_MINUTES, minutes, zone
from domain.enums import Contract
from domain.errors import BadConfig
from domain.instruments import Fees, Instrument, SessionHours

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OPTIONAL: Final = ("files", "session", "left_out")
_KEYS: Final = tuple(name for name in Instrument.__struct_fields__ if name != "name")
_MOST: Final = Decimal(10) ** 12
_MOST_LOTS: Final = 10**12
_LONGEST_LATENCY_MS: Final = 60_000
_LOWEST_FEE: Final = Decimal("-0.01")
_HIGHEST_FEE: Final = Decimal("0.05")
_NEAREST: Final = Decimal(10) ** -12

Checked = TypeVar("Checked")


def instrument_from(data: Toml, name: str, source: str) -> Instrument:
    """Check a decoded instrument file. BadConfig names `source`, the key and what would do."""
    refuse_unknown_keys(data, _KEYS, source)
    table = _Table(data, source, "")
    for key in _KEYS:
        if key not in _OPTIONAL and key not in data:
            raise table.refuse(key, _why_required(key))
    return Instrument(
        name=name,
        venue=table.text("venue"),
        symbol=table.text("symbol"),
        quote=table.text("quote"),
        settle=table.text("settle"),
        contract=_contract(table),
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


class _Table:
    """One table of a file; every refusal names file and key."""

    def __init__(self, data: Toml, source: str, section: str) -> None:
        self._data = data
        self._source = source
        self._section = section

    def refuse(self, key: str, text: str) -> BadConfig:
        path = f"{self._section}.{key}" if self._section else key
        return BadConfig(f"{self._source}: {path} {text}")

    def table(self, key: str, keys: tuple[str, ...]) -> "_Table":
        raw = self._data[key]
        if not isinstance(raw, dict):
            raise self.refuse(key, f"must be a table, not {raw!r}")
        refuse_unknown_keys(raw, keys, self._source, key)
        inner = _Table(raw, self._source, key)
        for each in keys:
            if each not in raw:
                raise inner.refuse(each, "is missing: nothing is filled in")
        return inner

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
