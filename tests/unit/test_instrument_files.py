"""An instrument's file is checked key by key."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.catalog import load_instrument
from domain.enums import Contract
from domain.errors import BadConfig
from domain.instruments import Fees, FundingTerms

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


PERPETUAL = (
    GOOD.replace('"spot"', '"linear_perpetual"').split("[session]")[0]
    + """
[funding]
interval_hours = 8
stamp = "00:00"
assumed_rate = "-0.0001"
[margin]
leverage = "5"
liquidation_fee = "0.0125"
[[margin.schedules]]
since = "2020-01-01"
tiers = [ { from = "0", rate = "0.01" } ]
[[margin.schedules]]
since = "2024-01-01"
tiers = [ { from = "0", rate = "0.004" }, { from = "50000", rate = "0.005" } ]
"""
)


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


def test_a_perpetual_s_file_states_funding_and_margin(file: Path) -> None:
    file.write_text('funding_files = ["COIN.parquet"]\n' + PERPETUAL)
    instrument = load_instrument(str(file))
    assert instrument.funding == FundingTerms(
        interval_hours=8, stamp="00:00", assumed_rate=Decimal("-0.0001")
    )
    assert instrument.funding_files == ("COIN.parquet",)
    assert instrument.margin is not None
    old, new = instrument.margin.schedules
    assert (instrument.margin.leverage, instrument.margin.liquidation_fee) == (
        Decimal(5),
        Decimal("0.0125"),
    )
    assert (old.since, new.since) == (date(2020, 1, 1), date(2024, 1, 1))
    assert [(tier.from_notional, tier.rate) for tier in new.tiers] == [
        (Decimal(0), Decimal("0.004")),
        (Decimal(50_000), Decimal("0.005")),
    ]


def test_margin_may_be_left_out(file: Path) -> None:
    file.write_text(PERPETUAL.split("[margin]", maxsplit=1)[0])
    assert load_instrument(str(file)).margin is None


@pytest.mark.parametrize("contract", ["linear_perpetual", "inverse"])
def test_a_perpetual_without_funding_is_refused(file: Path, contract: str) -> None:
    file.write_text(GOOD.replace('"spot"', f'"{contract}"'))
    with pytest.raises(BadConfig, match="funding is missing: a perpetual pays it"):
        load_instrument(str(file))


@pytest.mark.parametrize("key", ["funding", "funding_files"])
def test_funding_of_what_is_no_perpetual_is_refused(file: Path, key: str) -> None:
    text = PERPETUAL.replace('"linear_perpetual"', '"future"')
    if key == "funding_files":
        text = 'funding_files = ["X"]\n' + text.replace("[funding]", "[x]").split("[x]")[0]
    file.write_text(text)
    with pytest.raises(BadConfig, match=f"{key} is for perpetuals only, and this contract is fut"):
        load_instrument(str(file))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("leverage =", "levrage =", "unknown key 'margin.levrage'; did you mean 'leverage'?"),
        ("since =", "sinse =", "unknown key 'margin.schedules[1].sinse'; did you mean 'since'?"),
        ("{ from", "{ form", "unknown key 'margin.schedules[1].tiers[1].form'"),
        ("interval_hours", "interval", "unknown key 'funding.interval'"),
        ('liquidation_fee = "0.0125"', "", "margin.liquidation_fee is missing"),
        ('leverage = "5"', 'leverage = "0.9"', "margin.leverage must be at least 1"),
        ('leverage = "5"', 'leverage = "100"', "margin.leverage must be below 100.00, 1 /"),
        ('leverage = "5"', 'leverage = "NaN"', "margin.leverage must be at least 1"),
        ('"0.0125"', '"0.06"', "margin.liquidation_fee must be at least 0 and at most 0.05"),
        ('"0.0125"', '"-0.01"', "margin.liquidation_fee must be at least 0"),
        ('"2024-01-01"', '"2020-01-01"', "margin.schedules must ascend"),
        ('"2024-01-01"', '"20240101"', "schedules[2].since cannot be used: '20240101' is no day"),
        ('"2024-01-01"', '"2024-02-30"', "schedules[2].since cannot be used: '2024-02-30'"),
        ('tiers = [ { from = "0", rate = "0.01" } ]', "tiers = []", "tiers must be a list of tab"),
        ('tiers = [ { from = "0", rate = "0.01" } ]', "tiers = [5]", "tiers[1] must be a table"),
        ('{ from = "0", rate = "0.01" }', '{ from = "1", rate = "0.01" }', "must start from 0"),
        ('"50000"', '"0"', "schedules[2].tiers must ascend: 0 at 0.005 follows 0 at 0.004"),
        ('"0.005"', '"0.004"', "schedules[2].tiers must ascend: 50000 at 0.004 follows 0 at"),
        ('"0.005"', '"1"', "tiers[2].rate must be below 1"),
        ('"0.005"', '"0"', "tiers[2].rate must be above 0"),
        ('"50000"', '"-1"', "tiers[2].from must be at least 0"),
        ("interval_hours = 8", "interval_hours = 5", "interval_hours must divide a day"),
        ("interval_hours = 8", "interval_hours = 0", "must be a whole number from 1 to 24"),
        ('stamp = "00:00"', 'stamp = "0:00"', "funding.stamp cannot be used: '0:00' is no time"),
        ('"-0.0001"', '"0.06"', "assumed_rate must be at least -0.05 and at most 0.05"),
        ('assumed_rate = "-0.0001"', "", "funding.assumed_rate is missing"),
    ],
)
def test_what_is_wrong_with_margin_or_funding_is_named(
    file: Path, old: str, new: str, expected: str
) -> None:
    assert old in PERPETUAL
    file.write_text(PERPETUAL.replace(old, new, 1))
    with pytest.raises(BadConfig, match=r"COIN\.toml") as caught:
        load_instrument(str(file))
    assert expected in str(caught.value)
