"""Playbooks and instruments are found by name, path and file; others are suggested."""

import tomllib
from importlib import resources
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
from domain.enums import Contract, Gate, GateMode
from domain.errors import BadConfig
from domain.parameters import BY_PATH, GATE_DEFAULTS
from domain.playbook_keys import defaults, texts_of

SHIPPED = (
    *("adaptive", "balanced", "baseline", "chop", "defensive", "loose", "momentum"),
    *("perpetual-altcoins", "perpetual-majors", "probe", "sniper", "tight", "trend"),
)
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
    assert "mine" in list_playbooks()
    assert set(list_playbooks()) - {"mine"} == set(SHIPPED)


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
    [("probee", "did you mean 'probe'?"), ("xyz", f"known: {', '.join(SHIPPED)}")],
)
def test_an_unknown_playbook_gets_a_suggestion(name: str, expected: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load_playbook(name)
    assert expected in str(caught.value)


SWITCHING = """
schema = 1
name = "both"
sentence = "Mine after a loss."
start = "balanced"
switches = [{ playbook = "mine", losses_in_a_row = 1 }]
"""


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "adaptive"])
def test_a_shipped_playbook_states_every_value_and_mode(name: str) -> None:
    text = resources.files("config").joinpath("playbooks", f"{name}.toml").read_text("utf-8")
    assert keys(tomllib.loads(text)) == {"schema", "name", "sentence", *texts_of(defaults())}


def keys(table: dict[str, object], above: str = "") -> set[str]:
    found = set()
    for key, value in table.items():
        inner = keys(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}"}
        found |= inner
    return found


def test_adaptive_names_no_playbook_with_other_regimes() -> None:
    adaptive = load_playbook("adaptive")
    regimes = {
        tuple(value for path, value in each.values.items() if path.startswith("regime."))
        for each in (adaptive, *(switch.playbook for switch in adaptive.switches))
    }
    assert len(regimes) == 1


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "probe"])
def test_a_playbook_that_is_traded_for_profit_knows_its_costs(name: str) -> None:
    assert load_playbook(name).gates[Gate.EXPECTED_MOVE].mode is GateMode.ON


def test_a_path_names_playbooks_beside_it_and_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE)
    (tmp_path / "both.toml").write_text(SWITCHING)
    both = load_playbook(str(tmp_path / "both.toml"))
    assert (both.start, both.switches[0].playbook.name) == ("balanced", "mine")


def test_a_name_finds_the_playbooks_that_it_names(own: Path) -> None:
    (own / "mine.toml").write_text(MINE)
    (own / "both.toml").write_text(SWITCHING)
    assert load_playbook("both").switches[0].playbook.name == "mine"
    assert load_playbook(str(own / "both.toml")) == load_playbook("both")


def test_a_shipped_playbook_loads_by_its_path_too() -> None:
    path = resources.files("config").joinpath("playbooks", "adaptive.toml")
    assert load_playbook(str(path)) == load_playbook("adaptive")


def test_an_unknown_name_beside_a_path_is_told_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text(SWITCHING.replace('"mine"', '"snipr"'))
    with pytest.raises(BadConfig) as refused:
        load_playbook(str(path))
    told = "switches.1.playbook: unknown playbook 'snipr'; did you mean 'sniper'?"
    assert str(refused.value) == f"{path}: {told}"


def test_a_playbook_that_names_itself_is_refused(own: Path) -> None:
    (own / "both.toml").write_text(SWITCHING.replace('"mine"', '"both"'))
    with pytest.raises(BadConfig, match=r"switches.1.playbook: .*both.toml: start: a play"):
        load_playbook("both")


def test_two_playbooks_of_one_name_are_both_named(own: Path, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    for folder in (own, beside):
        (folder / "mine.toml").write_text(MINE)
    (beside / "both.toml").write_text(SWITCHING)
    with pytest.raises(BadConfig, match=r"mine.toml and in .*mine.toml: rename one of them"):
        load_playbook(str(beside / "both.toml"))


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
