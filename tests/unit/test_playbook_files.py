"""A playbook file is read strictly: every value of its kind and in its bounds, nothing unknown."""

import pytest

from domain.errors import BadConfig
from domain.parameters import TIME_OFF
from domain.playbooks import Playbook, playbook_from


def read(key: str = "exit", **values: object) -> Playbook:
    head = {"schema": 1, "name": "mine", "sentence": "Mine."}
    return playbook_from({**head, key: values}, "mine.toml")


def refusal(data: dict[str, object]) -> str:
    with pytest.raises(BadConfig) as refused:
        playbook_from({"schema": 1, "name": "mine", "sentence": "Mine.", **data}, "mine.toml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("written", "minute"), [("00:00", 0), ("09:30", 570), ("23:59", 1_439), ("off", TIME_OFF)]
)
def test_time_of_day_is_minutes_since_midnight_or_off(written: str, minute: int) -> None:
    assert read(period_1_from=written).values["exit.period_1_from"] == minute


@pytest.mark.parametrize("written", ["24:00", "9:30", "09:60", "09:30 ", "", 570, True])
def test_other_times_of_day_are_refused(written: object) -> None:
    told = refusal({"exit": {"period_1_from": written}})
    expected = 'exit.period_1_from must be a time of day such as "14:30", or "off", not'
    assert told.startswith(f"mine.toml: {expected}")


def test_minus_nothing_is_nothing() -> None:
    written, negative = (read("gates", smc={"min_bias": bias}) for bias in (0.0, -0.0))
    assert str(negative.values["gates.smc.min_bias"]) == "0.0"
    assert negative.content_hash == written.content_hash


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"schema": 2}, "schema must be 1, not 2"),
        ({"name": 3}, "name must be a text, not 3"),
        ({"exits": {}}, "unknown key 'exits'; did you mean 'exit'?"),
        ({"exit": 3}, "exit must be a table, not 3"),
        ({"size": {"mode": None}}, "size.mode must be a word, not None"),
        (
            {"size": {"mode": "half"}},
            "size.mode must be one of fixed, risk, volatility, not 'half'",
        ),
        ({"averaging": {"mode": True}}, "averaging.mode must be one of off, profit, loss_budget"),
        ({"exit": {"stop": 3}}, 'exit.stop must be a distance such as "6bp", not 3'),
        ({"exit": {"stop": "3"}}, "exit.stop: '3' is no distance"),
        (
            {"exit": {"stop": "off"}},
            "exit.stop must be a distance; only targets, movers and the partial exit may be off",
        ),
        ({"exit": {"period_1_stop": "off"}}, "exit.period_1_stop must be a distance; only targets"),
        ({"exit": {"lock_share": 1.5}}, "exit.lock_share must be a number from 0 to 1 ratio"),
        ({"exit": {"stall_s": "3"}}, "exit.stall_s must be a number, not '3'"),
        ({"gates": {"candle": {"frame": "7s"}}}, "gates.candle.frame must be one of ('1s', '5s'"),
        ({"gates": {"cand": {}}}, "unknown key 'gates.cand'; did you mean 'candle'?"),
        ({"gates": {"rate": {"moe": "on"}}}, "unknown key 'gates.rate.moe'; did you mean 'mode'?"),
    ],
)
def test_refusal_names_file_key_and_what_would_do(data: dict[str, object], told: str) -> None:
    assert refusal(data).startswith(f"mine.toml: {told}")
