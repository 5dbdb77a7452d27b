"""Playbooks and instruments are found by name, path and file; others are suggested."""

from pathlib import Path

import pytest

from config import catalog
from config.catalog import (
    instrument_for_file,
    instrument_for_funding,
    list_instruments,
    list_playbooks,
    load_instrument,
    load_playbook,
)
from domain.enums import Contract
from domain.errors import BadConfig
from domain.parameters import BY_PATH, GATE_DEFAULTS

MINE = 'schema = 1\nname = "mine"\nsentence = "Trades like baseline."\n'


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of playbooks."""
    monkeypatch.setenv(catalog.PLAYBOOKS_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", list_playbooks())
def test_a_shipped_playbook_is_named_after_its_file(name: str) -> None:
    assert load_playbook(name).name == name


def test_baseline_is_the_table_s_defaults() -> None:
    baseline = load_playbook("baseline")
    assert baseline.values == {path: parameter.default for path, parameter in BY_PATH.items()}
    assert {gate: setting.mode for gate, setting in baseline.gates.items()} == GATE_DEFAULTS


def test_probe_says_what_it_is_for() -> None:
    assert "acceptance, not for profit" in load_playbook("probe").sentence


def test_a_playbook_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    assert load_playbook(str(path)).content_hash == load_playbook("baseline").content_hash


def test_a_user_s_own_playbook_is_found_by_name(own: Path) -> None:
    (own / "mine.toml").write_text(MINE)
    assert load_playbook("mine").sentence == "Trades like baseline."
    assert list_playbooks() == ["baseline", "mine", "probe"]


def test_a_playbook_of_a_shipped_name_is_ambiguous(own: Path) -> None:
    (own / "probe.toml").write_text(MINE)
    with pytest.raises(BadConfig, match="is shipped and stands in"):
        load_playbook("probe")


def test_a_folder_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(catalog.PLAYBOOKS_VARIABLE, "nowhere at all")
    with pytest.raises(BadConfig, match="AUTOSCALPER_PLAYBOOKS is no folder: nowhere at all"):
        list_playbooks()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("probee", "did you mean 'probe'?"), ("xyz", "known: baseline, probe")],
)
def test_an_unknown_playbook_gets_a_suggestion(name: str, expected: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load_playbook(name)
    assert expected in str(caught.value)


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadConfig, match=r"none\.toml: there is no such file"):
        load_playbook("none.toml")


@pytest.mark.parametrize("name", list_instruments())
def test_a_shipped_instrument_loads_under_the_name_of_its_file(name: str) -> None:
    assert load_instrument(name).name == name


@pytest.mark.parametrize("name", list_instruments())
def test_spot_and_shares_are_never_sold_short(name: str) -> None:
    instrument = load_instrument(name)
    assert instrument.shortable == (instrument.contract not in {Contract.SPOT, Contract.SHARE})


def test_an_unknown_instrument_gets_a_suggestion() -> None:
    with pytest.raises(BadConfig, match="did you mean 'BTCUSDT-usdm'"):
        load_instrument("BTCUSDT-usd")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("BTCUSDT-usdm-20240808.parquet", "BTCUSDT-usdm"),
        ("anywhere/BTCUSDT-spot-20240808.parquet", "BTCUSDT-spot"),
        ("XRPETH-trades-201910.parquet", "XRPETH-spot"),
        ("sample.parquet", "SAMPLE"),
    ],
)
def test_a_file_s_name_says_its_instrument(file: str, name: str) -> None:
    found = instrument_for_file(Path(file))
    assert found is not None
    assert found.name == name


def test_a_file_that_no_instrument_describes_has_none() -> None:
    assert instrument_for_file(Path("DOGEUSDT-20240101.parquet")) is None


def test_two_instruments_for_one_file_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = {name: load_instrument("BAC") for name in ("a", "b")}
    monkeypatch.setattr(catalog, "_instruments", lambda: twins)
    with pytest.raises(BadConfig, match="BAC and BAC both claim it"):
        instrument_for_file(Path("BAC-20131007.parquet"))


@pytest.mark.parametrize("name", ["BTCUSDT-usdm", "BTCUSD_PERP-coinm"])
def test_a_shipped_perpetual_states_its_funding_and_margin(name: str) -> None:
    instrument = load_instrument(name)
    assert instrument.perpetual
    assert instrument.funding is not None
    assert instrument.margin is not None
    assert instrument.margin.leverage == 5


def test_a_file_s_name_says_whose_funding_it_holds() -> None:
    found = instrument_for_funding(Path("anywhere/BTCUSDT-usdm.parquet"))
    assert found is not None
    assert found.name == "BTCUSDT-usdm"
    assert instrument_for_funding(Path("SOLUSDT-usdm.parquet")) is None
