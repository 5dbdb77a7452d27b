"""An instrument's file is checked key by key."""

from decimal import Decimal
from pathlib import Path

import pytest

from config.catalog import load_instrument
from domain.enums import Contract
from domain.errors import BadConfig
from domain.instruments import Fees

GOOD = """
venue = "nowhere"
symbol = "COINUSD"
quote = "USD"
settle = "USD"
contract = "spot"
multiplier = "1"
tick = "0.1"
lot = "0.01"
min_notional = "0"
standard_lots = 10
shortable = false
latency_ms = 50
assumed_half_spread = "0.1"
assumed_size = "1"
files = ["COIN-*.parquet"]
[fees]
maker = "0"
taker = "0.001"
[session]
zone = "America/New_York"
days = ["mon", "tue"]
open = "09:30"
close = "16:00"
cut_off = "15:45"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "COIN.toml"


def test_a_whole_file_is_an_instrument_named_after_it(file: Path) -> None:
    file.write_text(GOOD)
    instrument = load_instrument(str(file))
    assert (instrument.name, instrument.contract) == ("COIN", Contract.SPOT)
    assert (instrument.tick, instrument.lot) == (Decimal("0.1"), Decimal("0.01"))
    assert instrument.fees == Fees(maker=Decimal(0), taker=Decimal("0.001"))
    assert instrument.session is not None
    assert instrument.session.days == ("mon", "tue")


def test_files_and_session_may_be_left_out(file: Path) -> None:
    file.write_text(GOOD.split("[session]", maxsplit=1)[0].replace("files", "# files"))
    instrument = load_instrument(str(file))
    assert (instrument.files, instrument.session) == ((), None)


@pytest.mark.parametrize("hours", [("18:00", "17:00", "16:00"), ("09:00", "09:00", "08:00")])
def test_a_session_may_cross_midnight(file: Path, hours: tuple[str, str, str]) -> None:
    opens, close, cut_off = hours
    text = GOOD.replace("09:30", opens).replace("16:00", close).replace("15:45", cut_off)
    file.write_text(text)
    assert load_instrument(str(file)).session is not None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("venue =", "venu =", "unknown key 'venu'; did you mean 'venue'?"),
        ("maker =", "makr =", "unknown key 'fees.makr'; did you mean 'maker'?"),
        ("zone =", "tz =", "unknown key 'session.tz'"),
        ('tick = "0.1"', "", "tick is missing"),
        ('maker = "0"', "", "fees.maker is missing"),
        ('[fees]\nmaker = "0"\ntaker = "0.001"', "", "fees is missing: state maker and taker"),
        ('[fees]\nmaker = "0"\ntaker = "0.001"', "fees = 5", "fees must be a table"),
        ('tick = "0.1"', "tick = 0.1", "tick must be a decimal in quotes"),
        ('tick = "0.1"', 'tick = "a tenth"', "tick must be a decimal"),
        ('tick = "0.1"', 'tick = "0"', "tick must be above 0"),
        ('tick = "0.1"', 'tick = "NaN"', "tick must be above 0"),
        ('lot = "0.01"', 'lot = "-1"', "lot must be above 0"),
        ('multiplier = "1"', 'multiplier = "Infinity"', "multiplier must be above 0"),
        ('min_notional = "0"', 'min_notional = "-1"', "min_notional must be at least 0"),
        ("standard_lots = 10", "standard_lots = 0", "standard_lots must be a whole number from 1"),
        ("standard_lots = 10", "standard_lots = 1.5", "standard_lots must be a whole number"),
        ("latency_ms = 50", "latency_ms = true", "latency_ms must be a whole number from 0"),
        ("shortable = false", 'shortable = "no"', "shortable must be true or false"),
        ('venue = "nowhere"', "venue = 5", "venue must be a text"),
        ('contract = "spot"', 'contract = "spott"', "did you mean 'spot'?"),
        ('taker = "0.001"', 'taker = "0.06"', "fees.taker must be at least -0.01 and at most 0.05"),
        ('maker = "0"', 'maker = "-0.02"', "fees.maker must be at least -0.01"),
        ('files = ["COIN-*.parquet"]', 'files = "COIN"', "files must be a list of texts"),
        ("America/New_York", "America/New_Yorc", "did you mean 'America/New_York'?"),
        ("America/New_York", "Nowhere", 'write an IANA name such as "Europe/Paris"'),
        ('"tue"]', '"tuesday"]', "session.days holds 'tuesday'"),
        ('"tue"]', '"mon"]', "session.days must name at least one day, and each once"),
        ('["mon", "tue"]', "[]", "session.days must name at least one day"),
        ('"09:30"', '"9:30"', "session.open cannot be used: '9:30' is no time of day"),
        ('"15:45"', '"16:15"', "session.cut_off must lie after the open"),
    ],
)
def test_what_is_wrong_is_named(file: Path, old: str, new: str, expected: str) -> None:
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(BadConfig, match=r"COIN\.toml") as caught:
        load_instrument(str(file))
    assert expected in str(caught.value)
