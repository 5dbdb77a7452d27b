"""Funding: files to stamps, stamps to markets, and what is said about them (V1)."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl
import pytest

from agent.replay.funding import with_funding
from agent.replay.loading import Loaded, Market
from config.catalog import load_instrument
from domain.errors import BadInput
from domain.instruments import FundingTerms, Instrument
from domain.units import SECOND_NS
from market.history.funding import (
    BadRate,
    Stamp,
    assumed_stamps,
    joined,
    read_funding,
    unpaid,
)
from recorded import recorded
from tick_files import source
from trading_cases import COIN

D = Decimal
HOUR_NS: Final = 3600 * SECOND_NS
MIDNIGHT_MS: Final = 1_700_006_400_000  # 2023-11-15 00:00 UTC, 6,400 s after the ticks' start
MIDNIGHT: Final = MIDNIGHT_MS * 1_000_000
TERMS: Final = FundingTerms(interval_hours=8, stamp="00:00", assumed_rate=D("0.0001"))
PERP: Final = msgspec.structs.replace(COIN, funding=TERMS, funding_files=("coin-*.parquet",))
MINT: Final = msgspec.structs.replace(PERP, name="MINT", funding_files=("mint.parquet",))
SPOT: Final = load_instrument("BTCUSDT-spot")


def write(
    path: Path,
    ms: Sequence[int | None],
    rates: Sequence[float | None],
    **more: Any,  # noqa: ANN401
) -> Path:
    pl.DataFrame(
        {"ts_ms": ms, "funding_rate": rates, **more},
        schema_overrides={"funding_rate": pl.Float64, "ts_ms": pl.Int64},
    ).write_parquet(path)
    return path


def hours(*offsets: int) -> list[int]:
    return [MIDNIGHT_MS + 3_600_000 * hour for hour in offsets]


def test_a_rate_is_the_shortest_decimal_of_its_double(tmp_path: Path) -> None:
    path = write(tmp_path / "f.parquet", hours(0, 8), [1.1e-05, 0.1 / 3])
    first, second = read_funding(path).stamps
    assert first == Stamp(MIDNIGHT, D("0.000011"))
    assert second.rate == D("0.03333333333333333")


def test_stamps_stay_as_they_were_recorded(tmp_path: Path) -> None:
    path = write(tmp_path / "f.parquet", [MIDNIGHT_MS + 1], [0.0001])
    assert read_funding(path).stamps[0].at_ns == MIDNIGHT + 1_000_000


def test_a_mark_price_is_taken_where_it_is_one(tmp_path: Path) -> None:
    marks = [60000.1, None, 0.0, float("nan"), -1.0]
    path = write(tmp_path / "f.parquet", hours(0, 8, 16, 24, 32), [0.0001] * 5, mark_price=marks)
    found = [stamp.mark for stamp in read_funding(path).stamps]
    assert found == [D("60000.1"), None, None, None, None]


@pytest.mark.parametrize(
    ("ms", "rate", "kind"),
    [
        (hours(16)[0], None, BadRate.NON_FINITE),
        (hours(16)[0], float("nan"), BadRate.NON_FINITE),
        (hours(16)[0], float("-inf"), BadRate.NON_FINITE),
        (hours(16)[0], -0.11, BadRate.ABSURD),
        (hours(0)[0], 0.0001, BadRate.UNSORTED),
        (hours(8)[0], 0.0001, BadRate.DUPLICATE),
        (hours(8)[0] + 3, 0.0001, BadRate.DUPLICATE),
    ],
)
def test_a_bad_row_is_dropped_and_counted(
    tmp_path: Path, ms: int, rate: float | None, kind: BadRate
) -> None:
    path = write(
        tmp_path / "f.parquet", [*hours(0, 8), ms, *hours(24)], [0.0001, 0.0002, rate, 0.1]
    )
    found = read_funding(path)
    assert (found.rows, found.bad) == (4, {kind: 1})
    assert [stamp.rate for stamp in found.stamps] == [D("0.0001"), D("0.0002"), D("0.1")]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"ts_ms": [MIDNIGHT_MS]}, "has no column funding_rate; expected a file of funding rates"),
        ({"funding_rate": [0.1]}, "has no column ts_ms"),
        ({"ts_ms": ["x"], "funding_rate": [0.1]}, "ts_ms is String; expected whole numbers"),
        ({"ts_ms": [1.5], "funding_rate": [0.1]}, "ts_ms is Float64; expected whole numbers"),
        ({"ts_ms": [1], "funding_rate": ["x"]}, "funding_rate is String; expected numbers"),
        ({"ts_ms": [MIDNIGHT], "funding_rate": [0.1]}, "expected milliseconds since 1970"),
        ({"ts_ms": [MIDNIGHT_MS, None], "funding_rate": [0.1, 0.1]}, "ts_ms is empty in 1 rows"),
        ({"ts_ms": [MIDNIGHT_MS], "funding_rate": [9.0]}, "holds no good funding rate (1 rows)"),
    ],
)
def test_a_file_that_holds_no_funding_is_refused(
    tmp_path: Path, columns: dict[str, list[object]], expected: str
) -> None:
    path = tmp_path / "f.parquet"
    pl.DataFrame(columns).write_parquet(path)
    with pytest.raises(BadInput, match=r"f\.parquet") as caught:
        read_funding(path)
    assert expected in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        read_funding(tmp_path / "none.parquet")
    (tmp_path / "f.parquet").write_text("no parquet")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        read_funding(tmp_path / "f.parquet")


def test_the_recorded_rates_are_all_good() -> None:
    found = read_funding(recorded("funding/BTCUSDT-usdm.parquet"))
    assert (found.rows, len(found.stamps), found.bad) == (578, 578, {})
    assert Stamp(1_723_161_600_000_000_000, D("0.00004994")) in found.stamps


def test_files_of_one_market_are_joined_in_order_and_pay_once(tmp_path: Path) -> None:
    late = read_funding(write(tmp_path / "b.parquet", hours(8, 16), [0.0002, 0.0003]))
    early = read_funding(write(tmp_path / "a.parquet", [hours(0)[0], hours(8)[0] + 2], [0.1, 0.1]))
    assert [stamp.at_ns for stamp in joined([late, early])] == [
        MIDNIGHT + hour * HOUR_NS for hour in (0, 8, 16)
    ]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (TERMS, [0, 8, 16, 24]),
        (msgspec.structs.replace(TERMS, stamp="20:00"), [4, 12, 20]),
        (msgspec.structs.replace(TERMS, interval_hours=24), [0, 24]),
        (msgspec.structs.replace(TERMS, interval_hours=12, stamp="06:30"), [6.5, 18.5]),
    ],
)
def test_assumed_stamps_are_counted_from_the_anchor(
    terms: FundingTerms, expected: list[float]
) -> None:
    found = list(assumed_stamps(terms, MIDNIGHT, MIDNIGHT + 24 * HOUR_NS))
    assert [(stamp.at_ns - MIDNIGHT) / HOUR_NS for stamp in found] == expected
    assert {stamp.rate for stamp in found} == {D("0.0001")}


def test_a_span_between_two_stamps_has_none() -> None:
    assert list(assumed_stamps(TERMS, MIDNIGHT + 1, MIDNIGHT + 8 * HOUR_NS - 1)) == []


@pytest.mark.parametrize(
    ("beside_ns", "missing"),
    [(0, 0), (15_000_000, 0), (-15_000_000, 0), (61 * SECOND_NS, 1), (-61 * SECOND_NS, 1)],
)
def test_a_stamp_near_the_one_that_is_due_pays_it(beside_ns: int, missing: int) -> None:
    stamps = [Stamp(MIDNIGHT + beside_ns, D("0.1"))]
    assert unpaid(TERMS, stamps, MIDNIGHT - HOUR_NS, MIDNIGHT + HOUR_NS) == missing


def loaded(*instruments: Instrument, seconds: tuple[float, ...] = (0, 10_000)) -> Loaded:
    """Markets of one file each; midnight is 6,400 s after its start."""
    sources = [source(f"{n}.parquet", n, *seconds) for n in range(len(instruments))]
    markets = tuple(Market(instrument, D(1)) for instrument in instruments)
    return Loaded(markets, tuple(sources), ("said before",))


def test_a_file_goes_to_the_market_that_claims_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "mint.parquet", hours(0), [0.0003])
    made = with_funding(loaded(PERP, MINT), [path])
    assert [market.funding for market in made.markets] == [None, (Stamp(MIDNIGHT, D("0.0003")),)]


def test_two_files_of_one_market_are_joined(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"coin-{hour}.parquet", hours(hour), [0.0001]) for hour in (8, 0)]
    (market,) = with_funding(loaded(PERP), paths).markets
    assert market.funding is not None
    assert [stamp.at_ns for stamp in market.funding] == [MIDNIGHT, MIDNIGHT + 8 * HOUR_NS]


def test_a_file_without_a_claim_goes_to_the_only_market_and_that_is_said(tmp_path: Path) -> None:
    made = with_funding(loaded(PERP), [write(tmp_path / "odd.parquet", hours(0), [0.0003])])
    assert made.markets[0].funding == (Stamp(MIDNIGHT, D("0.0003")),)
    assert made.assumed == (
        "said before",
        "COIN: odd.parquet, which no instrument claims, is its funding",
    )


@pytest.mark.parametrize(
    ("instruments", "name", "expected"),
    [
        ((PERP, MINT), "odd.parquet", "of which market is this the funding? Known: COIN, MINT"),
        ((PERP,), "BTCUSDT-usdm.parquet", "holds the funding of BTCUSDT-usdm, which is not repl"),
        ((SPOT,), "odd.parquet", "BTCUSDT-spot is no perpetual and pays no funding"),
    ],
)
def test_a_file_that_no_market_can_pay_is_refused(
    tmp_path: Path, instruments: tuple[Instrument, ...], name: str, expected: str
) -> None:
    path = write(tmp_path / name, hours(0), [0.0003])
    with pytest.raises(BadInput, match=name) as caught:
        with_funding(loaded(*instruments), [path])
    assert expected in str(caught.value)


def test_a_file_given_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "coin-1.parquet", hours(0), [0.0003])
    with pytest.raises(BadInput, match="is given twice with --funding"):
        with_funding(loaded(PERP), [path, tmp_path / "." / "coin-1.parquet"])


def test_dropped_rates_are_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "coin-1.parquet", hours(0, 0, 8), [0.0003, 0.0003, float("nan")])
    (line,) = with_funding(loaded(PERP), [path]).assumed[1:]
    assert line == (
        f"WARNING {path}: 2 of 3 funding rates were dropped (1 duplicate, 1 non_finite)"
    )


def test_an_assumed_rate_is_said_where_a_stamp_lies_in_the_data() -> None:
    (line,) = with_funding(loaded(PERP), []).assumed[1:]
    assert line == (
        "COIN: no funding rates were given: longs pay shorts 0.01 % of the notional every 8 hours "
        "from 00:00 UTC"
    )


@pytest.mark.parametrize("seconds", [(0, 6_399), (6_401, 10_000)])
def test_no_rate_is_assumed_aloud_where_no_stamp_lies_in_the_data(
    seconds: tuple[float, ...],
) -> None:
    assert with_funding(loaded(PERP, seconds=seconds), []).assumed == ("said before",)


def test_a_stamp_between_two_joined_files_lies_in_the_data() -> None:
    markets = (Market(PERP, D(1)),)
    files = (source("a.parquet", 0, 0, 6_390), source("b.parquet", 0, 6_410, 7_000))
    assert len(with_funding(Loaded(markets, files, ()), []).assumed) == 1


def test_a_stamp_that_the_given_rates_lack_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "coin-1.parquet", hours(8), [0.0003])
    assert with_funding(loaded(PERP), [path]).assumed[1:] == (
        "WARNING COIN: funding is due once where no given rate says it: counted as 0",
    )


def test_a_market_that_pays_no_funding_has_nothing_said() -> None:
    assert with_funding(loaded(SPOT), []).assumed == ("said before",)
