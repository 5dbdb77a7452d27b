"""`autoscalper init` writes a config that can be used as it is, and never over another."""

import io
import os
import stat
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from agent.cli import main, output
from config.engine_settings import load_engine_settings
from config.template import Kind
from domain.enums import Mode

Texts = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, and nothing stated from outside."""
    for name in os.environ:
        if name.startswith("AUTOSCALPER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AUTOSCALPER_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal; what is written to it is what a person answers."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    return terminal


def answer(terminal: io.StringIO, *lines: str) -> None:
    terminal.write("".join(f"{line}\n" for line in lines))
    terminal.seek(0)


@pytest.mark.parametrize("kind", [kind.word for kind in Kind])
def test_each_kind_writes_a_config_that_check_accepts(kind: str, capsys: Texts) -> None:
    assert main(["init", "--kind", kind]) == 0
    assert main(["check"]) == 0
    assert "autoscalper.toml can be used." in capsys.readouterr().out


def test_only_its_owner_can_read_the_file(folder: Path) -> None:
    main(["init"])
    assert stat.S_IMODE((folder / "autoscalper.toml").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["autoscalper.toml"]


def test_options_say_what_is_written(folder: Path) -> None:
    chosen = ["--market", "BTCUSDT-usdm", "--market=IBM", "--playbook=probe"]
    amounts = ["--start-equity=5,000", "--risk-per-day=50"]
    main(["init", "--kind=crypto", "--output=my.toml", *chosen, *amounts])
    settings = load_engine_settings(folder / "my.toml")
    assert [(each.instrument, each.playbook) for each in settings.markets] == [
        ("BTCUSDT-usdm", "probe"),
        ("IBM", "probe"),
    ]
    assert settings.mode is Mode.PAPER
    assert settings.settings.account.start_equity == Decimal(5000)
    limits = settings.settings.limits
    assert (limits.max_daily_loss, limits.max_trade_loss) == (50, 7.5)
    assert (limits.max_order_notional, limits.max_gross_notional) == (2500, 5000)


def test_every_line_has_at_most_100_columns_and_every_limit_a_comment(folder: Path) -> None:
    main(["init", "--kind=openalgo", "--market=RELIANCE-nse"])
    lines = (folder / "autoscalper.toml").read_text().splitlines()
    assert max(map(len, lines)) <= 100
    limits = lines[lines.index("[limits]") + 1 :]
    assert all("  # " in line for line in limits[: limits.index("")])
    assert not any("$" in line for line in lines)


def test_a_file_that_is_there_is_kept_unless_forced(folder: Path, capsys: Texts) -> None:
    mine = folder / "autoscalper.toml"
    mine.write_text("mine")
    assert main(["init"]) == 1
    assert "autoscalper.toml: is there already; name another" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert load_engine_settings(mine).mode is Mode.SIMULATED
    assert stat.S_IMODE(mine.stat().st_mode) == 0o600


def test_what_a_variable_says_is_no_fault_of_the_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_HEAT", "0")
    assert main(["init"]) == 0
    assert main(["check"]) == 4


def test_it_says_what_to_do_next(capsys: Texts) -> None:
    main(["init", "--output", "my.toml"])
    out = capsys.readouterr().out
    assert out.startswith("Wrote my.toml: simulated, SIM-COIN by probe.\nNext:\n")
    assert "autoscalper check my.toml " in out
    assert "autoscalper playbook show probe " in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--kind=cripto"], 2, "'cripto' is not known; give one of simulated, crypto, openalgo"),
        (["--market=BTCUSDT-usd"], 4, "did you mean 'BTCUSDT-usdm'?"),
        (["--market=XRPETH-spot"], 2, "settles in ETH, and this account is kept in USD"),
        (["--kind=openalgo", "--market=IBM"], 2, "settles in USD, and this account is kept in INR"),
        (["--playbook=prob"], 4, "did you mean 'probe'?"),
        (["--start-equity=much"], 2, "'much' is no number; give an amount"),
        (["--start-equity=0"], 2, "0 is not above 0"),
        (["--start-equity=nan"], 2, "nan is not above 0"),
        (["--risk-per-day=10000"], 2, "a day cannot risk 10,000 of 10,000"),
        (["--start-equity=9"], 2, "max_order_notional is below 5, the smallest order of SIM-COIN"),
        (["--output=no/such.toml"], 1, "no/such.toml: cannot be written"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(
    folder: Path, options: list[str], code: int, told: str, capsys: Texts
) -> None:
    assert main(["init", *options]) == code
    assert told in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_terminal_is_asked_for_what_no_option_says(folder: Path, typed: io.StringIO) -> None:
    answer(typed, "crypto", "BTCUSDT-usdm, ETHUSDT-spot", "probe", "5000", "70")
    assert main(["init"]) == 0
    settings = load_engine_settings(folder / "autoscalper.toml")
    assert [each.instrument for each in settings.markets] == ["BTCUSDT-usdm", "ETHUSDT-spot"]
    assert settings.settings.account.start_equity == Decimal(5000)
    assert settings.settings.limits.max_daily_loss == 70


def test_every_question_has_a_default_and_says_what_it_means(
    folder: Path, typed: io.StringIO, capsys: Texts
) -> None:
    answer(typed, "", "", "", "", "")
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    for words in ("made-up market", "SPY", "playbook list", "limits follow", "may a day lose"):
        assert words in out
    for default in ("[simulated]", "[SIM-COIN]", "[probe]", "[10000]", "[200]"):
        assert default in out
    assert load_engine_settings(folder / "autoscalper.toml").mode is Mode.SIMULATED


def test_an_answer_that_cannot_be_used_is_asked_for_again(
    folder: Path, typed: io.StringIO, capsys: Texts
) -> None:
    answer(typed, "cripto", "crypto", "BTC", "BTCUSDT-usdm", "prob", "", "no", "", "9e9", "")
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "'cripto' is not known" in out
    assert "unknown instrument 'BTC'" in out
    assert "did you mean 'probe'?" in out
    assert load_engine_settings(folder / "autoscalper.toml").mode is Mode.PAPER


def test_options_are_not_asked_for_and_yes_asks_nothing(typed: io.StringIO, capsys: Texts) -> None:
    assert main(["init", "--yes"]) == 0
    assert "Kind" not in capsys.readouterr().out


def test_leaving_at_a_question_writes_nothing(
    folder: Path, typed: io.StringIO, capsys: Texts
) -> None:
    assert main(["init"]) == 130
    assert "Stopped at a question; nothing was done." in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_playbook_of_ones_own_is_found_wherever_the_program_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).parents[2] / "config" / "playbooks" / "probe.toml"
    (folder / "mine.toml").write_text(source.read_text())
    (folder / "etc").mkdir()
    main(["init", "--playbook=mine.toml", "--output=etc/a.toml"])
    monkeypatch.chdir("/")
    (market,) = load_engine_settings(folder / "etc" / "a.toml").markets
    assert market.playbook == str(folder / "mine.toml")
