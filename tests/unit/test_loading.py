"""Files become markets: each under a name of its own, and none twice."""

from pathlib import Path

import pytest

from agent.replay.loading import Loaded, load
from config.settings import load_settings
from domain.errors import BadInput
from market.history.merge import merge
from tick_files import trade, write


def loaded(*paths: Path, instrument: str | None = None) -> Loaded:
    account = load_settings().account
    return load(paths, instrument, account, lambda _stage, _done, _total: None)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    (tmp_path / "d1").mkdir()
    return write(tmp_path / "d1" / "ODD.parquet", [trade(1)])


@pytest.fixture
def second(tmp_path: Path) -> Path:
    (tmp_path / "d2").mkdir()
    return write(tmp_path / "d2" / "ODD.parquet", [trade(2)])


def test_undescribed_files_are_markets_of_their_own(first: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "EVEN.parquet", [trade(2)])
    made = loaded(first, other)
    assert [market.instrument.name for market in made.markets] == ["ODD", "EVEN"]
    assert [source.market for source in made.sources] == [0, 1]


def test_two_undescribed_files_of_one_name_are_refused(first: Path, second: Path) -> None:
    with pytest.raises(BadInput, match="two markets named ODD: rename one of them") as caught:
        loaded(first, second)
    assert str(caught.value).startswith(f"{first} and {second} would")
    assert "--instrument" in str(caught.value)


def test_files_of_one_name_are_one_market_where_an_instrument_is_named(
    first: Path, second: Path
) -> None:
    assert len(loaded(first, second, instrument="SAMPLE").markets) == 1


def test_a_file_that_carries_a_described_markets_name_is_refused(tmp_path: Path) -> None:
    described = write(tmp_path / "BAC-20131007.parquet", [trade(1)])
    bare = write(tmp_path / "BAC.parquet", [trade(2)])
    for paths in ((described, bare), (bare, described)):
        with pytest.raises(BadInput, match="two markets named BAC") as caught:
            loaded(*paths)
        assert str(caught.value).startswith(f"{paths[0]} and {paths[1]} would")


def test_one_file_named_in_two_ways_is_given_twice(first: Path) -> None:
    detour = first.parent / ".." / "d1" / "ODD.parquet"
    with pytest.raises(BadInput, match="is given twice; to play it again, repeat it"):
        merge(loaded(first, detour).sources)


def test_one_file_by_two_names_is_given_twice(first: Path, tmp_path: Path) -> None:
    link = tmp_path / "EVEN.parquet"
    link.symlink_to(first)
    with pytest.raises(BadInput, match="is given twice"):
        merge(loaded(first, link).sources)


def test_doubts_about_a_file_are_said_first(tmp_path: Path) -> None:
    doubtful = write(tmp_path / "ODD.parquet", [trade(1), trade(2, None)])
    said = loaded(doubtful).assumed
    assert said[0].startswith(f"WARNING {doubtful}: 50 % of its ticks were dropped")
    assert "ODD: made from ODD.parquet, which no instrument describes" in said
