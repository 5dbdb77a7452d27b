"""Sweep files are checked as playbook files are, and their grid holds every combination once."""

from pathlib import Path

import pytest

from config.catalog import load_playbook
from config.sweep_files import MOST_SETS, SweepPlan, load_sweep
from domain.errors import BadConfig

GRID = """
"exit.stop" = ["4bp", "max(6bp, 2tick)"]
"gates.momentum.streak" = [2, 3, 4]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "grid.toml"


def loaded(file: Path, vary: str, base: str = 'base = "probe"') -> SweepPlan:
    file.write_text(f"{base}\n[vary]\n{vary}")
    return load_sweep(file)


def test_grid_holds_every_combination_and_the_last_key_changes_fastest(file: Path) -> None:
    plan = loaded(file, GRID)
    assert [tuple(plan.changes(number).values()) for number in range(len(plan))] == [
        ("4bp", "2"),
        ("4bp", "3"),
        ("4bp", "4"),
        ("max(2tick, 6bp)", "2"),
        ("max(2tick, 6bp)", "3"),
        ("max(2tick, 6bp)", "4"),
    ]


def test_playbook_of_a_set_is_the_base_but_for_its_changes(file: Path) -> None:
    plan, probe = loaded(file, GRID), load_playbook("probe")
    playbook = plan.playbook(4)
    changed = {key for key in probe.values if playbook.values[key] != probe.values[key]}
    assert changed == {"exit.stop", "gates.momentum.streak"}
    assert playbook.values["gates.momentum.streak"] == 3
    assert playbook.gates == probe.gates


def test_set_with_the_values_of_its_base_has_its_hash(file: Path) -> None:
    plan = loaded(file, '"gates.momentum.streak" = [2]')
    assert plan.playbook(0).content_hash == load_playbook("probe").content_hash
    assert plan.playbook(0).name == "unnamed"


def test_modes_of_gates_and_keys_without_quotes_can_be_varied(file: Path) -> None:
    plan = loaded(file, 'gates.candle.mode = ["on", "off"]\ngates.candle.frame = ["5s", "15s"]')
    assert plan.changes(3) == {"gates.candle.mode": "off", "gates.candle.frame": "15s"}


def test_base_may_be_a_path(file: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('schema = 1\nname = "mine"\nsentence = "Mine."')
    assert loaded(file, GRID, f'base = "{own}"').base.name == "mine"


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ('"exit.stp" = ["4bp"]', "unknown key 'exit.stp'; did you mean 'stop'?"),
        ('"exits.stop" = ["4bp"]', "unknown key 'exits'; did you mean 'exit'?"),
        ('"gates.momentm.streak" = [2]', "unknown key 'gates.momentm'; did you mean 'momentum'?"),
        ('"exit.stop" = [4]', 'exit.stop must be a distance such as "6bp", not 4'),
        ('"exit.stop" = "4bp"', "exit.stop must be a list of values to try, not '4bp'"),
        ('"exit.stop" = []', "exit.stop must be a list of values to try, not []"),
        ('"exit.stop" = ["6bp", "6.0bp"]', "exit.stop holds 6bp twice; leave one out"),
        ('"exit.stop" = ["off"]', "exit.stop must be a distance"),
        ('"gates.momentum.streak" = [2, 99]', "streak must be a whole number from 1 to 50 moves"),
        ('"gates.candle.mode" = ["onn"]', "gates.candle.mode must be one of off, on, observe"),
        ('"exit.stop" = ["4bp"]\nexit.stop = ["6bp"]', "exit.stop is stated twice"),
        ('name = ["a"]', "name is no key of a parameter or gate"),
        ('"schema.x" = [1]', "schema.x is no key of a parameter or gate"),
        ("", 'must hold a key to vary, such as "exit.stop"'),
    ],
)
def test_refusal_names_file_key_and_what_would_do(file: Path, vary: str, told: str) -> None:
    with pytest.raises(BadConfig) as refused:
        loaded(file, vary)
    assert str(refused.value).startswith(f"{file}: [vary]: ")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("", "base must be a playbook's name or path, not None"),
        ("base = 3", "base must be a playbook's name or path, not 3"),
        ('base = "prob"', "unknown playbook 'prob'; did you mean 'probe'?"),
        ('base = "probe"\nbse = 1', "unknown key 'bse'; did you mean 'base'?"),
    ],
)
def test_base_that_cannot_be_used_is_refused(file: Path, base: str, told: str) -> None:
    with pytest.raises(BadConfig) as refused:
        loaded(file, GRID, base)
    assert told in str(refused.value)


def test_base_with_switches_is_refused_with_what_it_trades_by(file: Path) -> None:
    with pytest.raises(BadConfig) as refused:
        loaded(file, GRID, 'base = "adaptive"')
    told = (
        "base: 'adaptive' switches between playbooks and has no values of its own to vary; vary "
        "those of one that it trades by: balanced, sniper, momentum, trend, chop, defensive"
    )
    assert str(refused.value) == f"{file}: {told}"


def test_grid_of_too_many_sets_is_refused_with_its_size(file: Path) -> None:
    seconds = ", ".join(str(second) for second in range(1, MOST_SETS // 2 + 2))
    with pytest.raises(BadConfig, match=r"makes 4,098 sets \(2049 x 2\), of which at most 4,096"):
        loaded(file, f'"exit.max_hold_s" = [{seconds}]\n"exit.stop" = ["4bp", "6bp"]')
