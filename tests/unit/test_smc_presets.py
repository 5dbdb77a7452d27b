"""Presets of the detectors: files, bounds, and how a frame scales them."""

from pathlib import Path

import pytest

from config.smc_presets import SMC_PRESETS, load_smc_preset
from domain.errors import BadConfig
from domain.parameters import SMC_PARAMETERS, SMC_SCALES
from domain.smc_rules import default_preset, preset_from, rules_of, scale_of, scaled
from source_tree import ROOT

HEAD = {"schema": 1, "name": "mine", "sentence": "Mine."}


def test_the_shipped_default_is_the_table_and_states_all_of_it() -> None:
    assert load_smc_preset("default").values == default_preset().values
    for name in SMC_PRESETS:
        text = (ROOT / "config" / "smc" / f"{name}.toml").read_text()
        assert all(f"\n{parameter.name} = " in text for parameter in SMC_PARAMETERS)
        assert load_smc_preset(name).name == name


def test_every_preset_differs_from_every_other() -> None:
    values = [load_smc_preset(name).values for name in SMC_PRESETS]
    assert all(values.count(each) == 1 for each in values)


def test_what_a_file_leaves_out_has_the_default(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('schema = 1\nname = "mine"\nsentence = "Mine."\n[gap]\njoin = "on"\n')
    values = load_smc_preset(str(file)).values
    assert values == {**default_preset().values, "smc.gap.join": 1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({**HEAD, "schema": 2}, "schema must be 1, not 2"),
        ({**HEAD, "name": ""}, "name must be a text, not ''"),
        ({**HEAD, "gaps": {}}, "unknown key 'gaps'; did you mean 'gap'?"),
        ({**HEAD, "gap": 3}, "gap must be a table, not 3"),
        ({**HEAD, "gap": {"min": 1}}, "unknown key 'gap.min'; did you mean 'min_atr'?"),
        ({**HEAD, "gap": {"join": True}}, "gap.join must be one of off, on, not True"),
        ({**HEAD, "gap": {"min_atr": -1}}, "gap.min_atr must be a number from 0 to 5 ATR, not -1"),
        ({**HEAD, "gap": {"min_atr": float("nan")}}, "gap.min_atr must be a number from 0 to 5 ATR, not nan"),  # noqa: E501
        ({**HEAD, "swing": {"length": 2.5}}, "swing.length must be a whole number from 1 to 50 candles, not 2.5"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_preset_that_cannot_be_used_is_refused_with_the_key(
    data: dict[str, object], words: str
) -> None:
    with pytest.raises(BadConfig) as refusal:
        preset_from(data, "mine.toml")
    assert str(refusal.value) == f"mine.toml: {words}"


def test_an_unknown_preset_is_refused_with_a_near_name() -> None:
    with pytest.raises(BadConfig, match="did you mean 'strict'"):
        load_smc_preset("strikt")


def test_short_frames_take_longer_swings_and_tighter_pools() -> None:
    minute, day = (scaled(default_preset().values, seconds) for seconds in (60, 86_400))
    keys = ("smc.swing.length", "smc.block.window", "smc.pool.tolerance_atr", "smc.pool.touches")
    assert [minute[key] for key in keys] == [21, 15, pytest.approx(0.12), 5]
    assert [day[key] for key in keys] == [5, 4, pytest.approx(0.45), 2]
    unscaled = set(minute) - set(keys)
    assert {key: minute[key] for key in unscaled} == {key: day[key] for key in unscaled}


def test_scaled_counts_stay_within_their_bounds() -> None:
    values = {**default_preset().values, "smc.swing.length": 50, "smc.block.window": 60}
    assert scaled(values, 60)["smc.swing.length"] == 50
    assert scaled(values, 60)["smc.block.window"] == 60


def test_a_frame_goes_by_the_last_scale_that_is_not_longer() -> None:
    assert [scale_of(seconds).seconds for seconds in (1, 59, 300, 7_200)] == [1, 1, 300, 3_600]
    assert [scale.seconds for scale in SMC_SCALES] == sorted(scale.seconds for scale in SMC_SCALES)
    with pytest.raises(BadConfig, match="the shortest that can be used have 1 s"):
        scale_of(0)


def test_every_value_reaches_the_record_of_rules() -> None:
    values = {p.path: (0 if p.choices else p.bounds.upper) for p in SMC_PARAMETERS if p.bounds}
    values["smc.gap.join"] = 1
    record = rules_of(values, 900)
    for parameter in SMC_PARAMETERS:
        assert record[parameter.field] == values[parameter.path]
