"""`autoscalper check` says all that keeps an engine from running, and where every value is from."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.cli import main
from agent.service.config_check import check_config
from config.template import Kind
from config_samples import good
from domain.limits import Limits

Texts = pytest.CaptureFixture[str]
Write = Callable[..., str]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AUTOSCALPER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AUTOSCALPER_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A good config, with some of its texts replaced."""

    def written(*changes: tuple[str, str]) -> str:
        text = good()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "autoscalper.toml").write_text(text)
        return str(tmp_path / "autoscalper.toml")

    return written


def keys(file: str) -> list[str]:
    return [each.key for each in check_config(Path(file)).problems]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_shipped_kind_has_no_problem(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(good(kind))
    assert keys("a.toml") == []


def test_a_good_config_is_told_with_what_would_run(write: Write, capsys: Texts) -> None:
    assert main(["check", write()]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "autoscalper.toml can be used." in out
    assert "Mode paper, account main: starts with 10,000 USD" in out
    assert "BTCUSDT-usdm  perpetual-majors  -          no" in out
    assert "Note: one USDT is taken for one USD." in out


@pytest.mark.parametrize(
    ("changes", "key", "told"),
    [
        ([("BTCUSDT-usdm", "BTCUSDT-usd")], "markets[1].instrument", "did you mean 'BTCUSDT-usdm'"),
        ([("perpetual-majors", "prob")], "markets[1].playbook", "did you mean 'probe'?"),
        ([("perpetual-majors", "no.toml")], "markets[1].playbook", "there is no such file"),
        (
            [('playbook = "perp', 'reference = "BTCUSDT"\nplaybook = "perp')],
            "markets[1].reference",
            "unknown instrument 'BTCUSDT'",
        ),
        ([("BTCUSDT-usdm", "XRPETH-spot")], "markets[1].instrument", "rates.ETH is missing"),
        ([("max_heat = 90", "max_heat = 0")], "limits.max_heat", "or every entry is refused"),
        ([("max_heat", "# max_heat")], "limits.max_heat", "or every entry is refused"),
        ([('allow = ["*"]', "allow = []")], "limits.allow", "or every entry is refused"),
        ([('["*"]', '["IBM"]')], "limits.allow", "does not name BTCUSDT-usdm"),
        ([("exit_reserve = 500 ", "exit_reserve = 5000")], "limits.exit_reserve", "must be below"),
        ([("max_order_notional = 5000", "max_order_notional = 99")], "limits.max_order_notional",
         "is below 100, the smallest order of BTCUSDT-usdm"),
        ([('mode = "paper"', 'mode = "live" ')], "engine.mode", "live cannot be run by this build"),
        ([('mode = "paper"', 'mode = "sandbox"')], "engine.mode", "cannot be run by this build"),
    ],
)  # fmt: skip
def test_what_keeps_an_engine_from_trading_is_a_problem_with_its_key(
    write: Write, changes: list[tuple[str, str]], key: str, told: str, capsys: Texts
) -> None:
    file = write(*changes)
    assert keys(file) == [key]
    assert main(["check", file]) == 4
    assert told in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("mode", ["signals", "paper", "simulated"])
def test_modes_that_send_nothing_to_a_venue_can_be_run(write: Write, mode: str) -> None:
    assert keys(write(('mode = "paper"', f'mode = "{mode}"'))) == []


def test_a_playbook_that_only_sells_short_fits_no_spot_market(write: Write, tmp_path: Path) -> None:
    head = 'schema = 1\nname = "bear"\nsentence = "Sells."\n'
    (tmp_path / "bear.toml").write_text(f'{head}[entry]\nsides = "short"\n')
    short = ("perpetual-majors", "bear.toml")
    assert keys(write(short)) == []
    (found,) = check_config(Path(write(short, ("BTCUSDT-usdm", "BTCUSDT-spot")))).problems
    assert (found.key, found.what) == (
        "markets[1].playbook",
        "bear enters short only, and BTCUSDT-spot cannot be sold",
    )


def test_a_market_that_stands_twice_is_a_problem(write: Write) -> None:
    market = '[[markets]]\ninstrument = "IBM"\nplaybook = "probe"\n'
    assert keys(write(("[recording]", f"{market}{market}[recording]"))) == ["markets"]


def test_all_problems_are_told_in_the_order_of_the_file(write: Write, capsys: Texts) -> None:
    file = write(
        ("perpetual-majors", "prob"),
        ('account = "main"', 'acount = "main"'),
        ("max_heat = 90", "max_heat = 0"),
        ("max_gb", "max_gbs"),
    )
    wanted = ["engine.acount", "markets[1].playbook", "recording.max_gbs", "limits.max_heat"]
    assert keys(file) == wanted
    main(["check", file])
    out = capsys.readouterr().out
    assert "cannot be used: 4 problems." in out
    line = Path(file).read_text().splitlines().index('playbook = "prob"') + 1
    assert f"2. {file}:{line}  markets[1].playbook\n   unknown playbook 'prob'\n   Fix: " in out


def test_a_state_folder_that_cannot_be_written_is_a_problem(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOSCALPER_HOME")
    (tmp_path / "file").touch(mode=0o755)
    file = write(('account = "main"', f'state_folder = "{tmp_path}/file/state"'))
    assert keys(file) == ["engine.state_folder"]
    monkeypatch.setenv("AUTOSCALPER_HOME", "relative")
    assert keys(file) == ["AUTOSCALPER_HOME"]


def test_the_state_folder_of_the_environment_goes_before_that_of_the_file(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(write(('account = "main"', f'state_folder = "{tmp_path}/other"')))
    assert check_config(file).folder == tmp_path / "state" / "paper"
    monkeypatch.delenv("AUTOSCALPER_HOME")
    assert check_config(file).folder == tmp_path / "other" / "paper"


def test_a_playbook_that_asks_for_a_reference_is_noted_without_one(
    write: Write, tmp_path: Path
) -> None:
    text = '[gates]\nreference.mode = "on"\n'
    head = 'schema = 1\nname = "led"\nsentence = "Follows."\n'
    (tmp_path / "led.toml").write_text(head + text)
    found = check_config(Path(write(("perpetual-majors", "led.toml"))))
    assert "BTCUSDT-usdm has no reference: reference of led stay off" in found.notes
    asked = 'led.toml"\nreference = "BTCUSDT-spot'
    assert len(check_config(Path(write(("perpetual-majors", asked)))).notes) == 1


def test_json_has_the_same_and_the_same_exit_code(write: Write, capsys: Texts) -> None:
    assert main(["check", write(("max_gb", "max_gbs")), "--json", "--resolved"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    (told,) = found["problems"]
    assert (told["key"], told["problem"]) == ("recording.max_gbs", "is unknown")
    assert told["fix"] == "did you mean 'max_gb'?"
    resolved = {each["key"]: each for each in found["resolved"]}
    assert resolved["limits.max_heat"]["value"] == 90
    assert resolved["account.start_equity"]["value"] == "10000"


def test_resolved_names_file_and_line_variable_and_default(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: Texts
) -> None:
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_HEAT", "7")
    file = write(("max_gb = 20", "# max_gb = 20"))
    assert main(["check", "--resolved"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert lines["limits.max_heat"].split()[1:] == ["7", "environment:"]
    assert "AUTOSCALPER_LIMITS__MAX_HEAT" in lines or lines["limits.max_heat"]
    assert lines["recording.max_gb"].split()[1:] == ["20", "default"]
    number = Path(file).read_text().splitlines().index("[account]") + 2
    assert lines["account.currency"].split()[1:] == ["USD", f"autoscalper.toml:{number}"]


def test_the_schema_names_every_key_and_refuses_others(capsys: Texts) -> None:
    assert main(["check", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["account", "limits", "engine", "markets"]
    definitions = schema["$defs"]
    assert set(definitions["LimitsSection"]["properties"]) == set(Limits.__struct_fields__)
    assert definitions["EngineSection"]["properties"]["mode"]["enum"] == [
        "signals", "paper", "sandbox", "live", "simulated",
    ]  # fmt: skip
    limits = definitions["LimitsSection"]["properties"].values()
    assert all(each["description"] for each in limits)


def test_the_schema_takes_no_file(write: Write, capsys: Texts) -> None:
    assert main(["check", write(), "--schema"]) == 2
    assert "--schema is the same for every file" in capsys.readouterr().err


def test_the_config_is_found_without_its_name(write: Write, capsys: Texts) -> None:
    assert main(["check"]) == 4
    assert "there is no config: $AUTOSCALPER_CONFIG is not set" in capsys.readouterr().err
    write()
    assert main(["check"]) == 0
    assert "autoscalper.toml can be used" in capsys.readouterr().out


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path, capsys: Texts) -> None:
    (tmp_path / "a.toml").write_text("[engine]\nmode = paper\n")
    assert main(["check", "a.toml"]) == 4
    assert "Error: a.toml: is no TOML" in capsys.readouterr().err
