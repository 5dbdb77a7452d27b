"""What Binance's messages tell, and that nothing else passes for one."""

import random
from pathlib import Path

import pytest

from market.feeds.intake import Intake
from market.venues import binance
from market.venues.sink import Unreadable
from recorded import data_folder, recorded
from venue_streams import heard, messages

TRADE = (
    b'{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,'
    b'"p":"61800.30","q":"0.006","X":"MARKET","m":%s}'
)
QUOTE = (
    b'{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507",'
    b'"a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}'
)
SPOT_QUOTE = (
    b'{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000",'
    b'"a":"61837.64000000","A":"1.54698000"}'
)
DEPTH = (
    b'{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":11,"u":17,"pu":10,'
    b'"b":[["58710.20","0.014"]],"a":[["61510.90","0.000"],["61641.50","1.211"]]}'
)
TIME_NS = 1_723_161_256_321_000_000
READ_BEFORE_IT_ENDED = 400  # bytes of a recorded message that are looked at here


@pytest.mark.parametrize(("maker", "side"), [(b"false", 1), (b"true", -1)])
def test_a_trade_tells_price_size_and_who_was_the_aggressor(maker: bytes, side: int) -> None:
    expected = ("trade", "BTCUSDT", TIME_NS, (61800.3, 0.006), side, 5266583935)
    assert heard(TRADE % maker) == expected


def test_a_trade_off_the_market_is_none() -> None:
    taken_over = (TRADE % b"true").replace(b"MARKET", b"INSURANCE_FUND")
    assert heard(taken_over) == ("other", "trade of kind INSURANCE_FUND")


def test_a_quote_tells_both_sides() -> None:
    time_ns = 1_723_161_256_313_000_000
    assert heard(QUOTE) == ("quote", "BTCUSDT", time_ns, (61800.2, 2.507), (61800.3, 2.51))


def test_a_quote_of_spot_is_known_by_what_it_has_and_has_no_time() -> None:
    bid, ask = (61837.63, 3.78826), (61837.64, 1.54698)
    assert heard(SPOT_QUOTE) == ("quote", "BTCUSDT", 0, bid, ask)


def test_a_change_of_the_book_tells_which_numbers_it_sums_up() -> None:
    _, symbol, change = heard(DEPTH)
    assert isinstance(change, binance.DepthUpdate)
    assert (symbol, change.first_id, change.last_id, change.previous_id) == ("BTCUSDT", 11, 17, 10)
    assert (change.bids, change.asks) == ([(58710.2, 0.014)], [(61510.9, 0.0), (61641.5, 1.211)])


@pytest.mark.parametrize("bare", [TRADE % b"true", QUOTE, DEPTH])
def test_a_message_in_its_envelope_tells_the_same(bare: bytes) -> None:
    assert heard(b'{"stream":"btcusdt@any","data":%s}' % bare) == heard(bare)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (b'{"result":null,"id":1}', "answer"),
        (b'{"e":"kline","E":1,"s":"BTCUSDT","k":{}}', "kline"),
        (b"{}", "answer"),
    ],
)
def test_what_tells_nothing_of_a_market_is_other(message: bytes, what: str) -> None:
    assert heard(message) == ("other", what)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"<html>503</html>",
        b"[1,2]",
        b"null",
        b"\xff\xfe",
        (TRADE % b"true").replace(b'"61800.30"', b'"6_800.30"'),
        (TRADE % b"true").replace(b'"61800.30"', b"null"),
        (TRADE % b"true").replace(b'"61800.30"', b'"1e999"'),
        (TRADE % b"true").replace(b"1723161256321", b"1723161256321000"),
        (TRADE % b"true").replace(b"1723161256321", b"-1"),
        (TRADE % b"true").replace(b"5266583935", b"99999999999999999999"),
        (TRADE % b"true").replace(b'"q":"0.006",', b""),
        QUOTE.replace(b'"s":"BTCUSDT"', b'"s":7'),
        DEPTH.replace(b'["58710.20","0.014"]', b'["58710.20"]'),
    ],
)
def test_what_is_not_what_the_venue_promises_is_refused(message: bytes) -> None:
    with pytest.raises(Unreadable, match="left out"):
        heard(message)


def mutated(text: bytes, random_numbers: random.Random) -> bytes:
    """A byte flipped, a span cut out or doubled, a field renamed, a number made absurd."""
    at = random_numbers.randrange(len(text))
    to = min(len(text), at + random_numbers.randrange(1, 12))
    match random_numbers.randrange(5):
        case 0:
            return text[:at] + bytes([text[at] ^ (1 << random_numbers.randrange(8))]) + text[to:]
        case 1:
            return text[:at] + text[to:]
        case 2:
            return text[:to] + text[at:]
        case 3:
            return text.replace(b'"T"', b'"t"', 1).replace(b'"p"', b'"x"', 1)
        case _:
            return text.replace(b"0.", b"-9e300", 1).replace(b"17", b"99", 1)


def survives(text: bytes, intake: Intake) -> bool:
    """Whether a message was told; refusing it is the only other way out."""
    try:
        binance.tell(text, intake)
    except Unreadable:
        return False
    return True


def test_no_mutation_of_a_recorded_message_does_more_than_be_refused() -> None:
    path = recorded("payloads/binance_usdm_ws_btcusdt_20240808.txt.gz")
    random_numbers = random.Random(7)  # noqa: S311 seeded on purpose
    intake, told = Intake({"BTCUSDT": 0}), 0
    for _, text in list(messages(path))[:3_000]:
        told += survives(mutated(text[:READ_BEFORE_IT_ENDED], random_numbers), intake)
    rows = intake.take()
    assert rows is not None
    assert 0 < len(rows) <= told < 3_000


def payloads() -> list[Path]:
    """Every message of any exchange that was recorded or documented, as a file."""
    return sorted(data_folder().glob("payloads/*/*.json"))


def test_no_payload_of_any_exchange_makes_a_tick_of_an_instrument_not_asked_for() -> None:
    recorded("payloads/binance_usdm_ws_btcusdt_20240808.txt.gz")
    intake = Intake({"NONE": 0})
    assert len([survives(path.read_bytes(), intake) for path in payloads()]) > 100
    assert intake.take() is None


def test_mutated_payloads_of_every_exchange_crash_nothing() -> None:
    recorded("payloads/binance_usdm_ws_btcusdt_20240808.txt.gz")
    random_numbers = random.Random(11)  # noqa: S311 seeded on purpose
    intake = Intake({"BTCUSDT": 0})
    for text in (path.read_bytes() for path in payloads()):
        for _ in range(20):
            survives(mutated(text, random_numbers), intake)
    assert all(len(name) <= 40 for name in (*intake.others, *intake.unknown))
