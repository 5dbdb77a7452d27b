"""`autoscalper replay` from file to summary: generated files always, recorded ones if there."""

import json
import re
import shutil
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from agent.app import run_replay
from agent.cli import main
from agent.replay.outcome import ReplayOutcome
from agent.replay.request import ReplayRequest
from domain.limits import NUMBERS
from recorded import recorded
from sample_market import sample_frame
from source_tree import ROOT

RECORDED: Final = (
    "crypto/BTCUSDT-usdm-20240808",
    "crypto/ETHUSDT-spot-20240808",
    "fx/EURUSD-fxcm-20140501-20140509",
    "fx/XAUUSD-oanda-20140501-20140505",
    "equity/BAC-20131007-20131008",
)
ONE_POSITION: Final = (
    (ROOT / "config" / "defaults.toml")
    .read_text()
    .replace("max_open_positions = 3", "max_open_positions = 1")
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten generated minutes."""
    path = tmp_path_factory.mktemp("sample") / "sample.parquet"
    sample_frame(600).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two other markets of the same ten minutes, which no instrument describes."""
    folder = tmp_path_factory.mktemp("pair")
    for seed, name in enumerate(("ONEUSD", "TWOUSD"), 40):
        sample_frame(600, seed).write_parquet(folder / f"{name}.parquet")
    return [folder / "ONEUSD.parquet", folder / "TWOUSD.parquet"]


def replay(*paths: Path, playbook: str = "probe", **options: Any) -> ReplayOutcome:  # noqa: ANN401
    request = ReplayRequest(paths=paths, playbook=playbook, **options)
    return run_replay(request, lambda _stage, _done, _total: None)


def listed(outcome: ReplayOutcome, market: str) -> list[Any]:
    return [trade for trade in outcome.trades if trade.market == market]


def test_the_same_files_say_the_same_twice_and_in_pieces(sample: Path) -> None:
    first = replay(sample).summary
    assert first.trades > 20
    assert replay(sample).summary.decision_hash == first.decision_hash
    assert replay(sample, chunk=7).summary.decision_hash == first.decision_hash


def test_counts_and_money_of_a_replay_add_up(sample: Path) -> None:
    s = replay(sample).summary
    m = s.money
    assert m.net == m.gross - m.spread_cost - m.slippage - m.fees - m.funding
    assert sum(s.exits.values()) == s.trades
    assert s.open_positions == 0
    assert sum(s.rejections.values()) + 2 * s.trades < s.ticks
    assert all(s.not_ready[gate] <= s.rejections[gate] for gate in s.not_ready)


def test_repeating_plays_every_file_again_from_a_clean_start(sample: Path) -> None:
    once, thrice = replay(sample), replay(sample, repeat=3)
    assert thrice.summary.trades == 3 * once.summary.trades
    assert thrice.summary.money.net == 3 * once.summary.money.net
    assert thrice.summary.ticks == 3 * once.summary.ticks


def test_two_markets_trade_as_each_alone_where_no_limit_binds(pair: list[Path]) -> None:
    together = replay(*pair)
    assert together.summary.refusals == {}
    for path in pair:
        alone = replay(path)
        assert listed(together, path.stem) == alone.trades
        assert together.summary.markets[path.stem].money == alone.summary.money


def test_two_markets_trade_less_where_an_account_limit_binds(
    pair: list[Path], tmp_path: Path
) -> None:
    settings = tmp_path / "one-position.toml"
    settings.write_text(ONE_POSITION)
    bound, free = replay(*pair, settings=settings), replay(*pair)
    assert bound.summary.refusals["open_positions"] > 0
    assert bound.summary.trades < free.summary.trades
    spans = sorted((trade.entry_ns, trade.exit_ns) for trade in bound.trades)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_files_of_one_market_that_follow_each_other_are_one_run(
    sample: Path, tmp_path: Path
) -> None:
    whole = pl.read_parquet(sample)
    parts = [tmp_path / "sample.parquet", tmp_path / "later" / "sample.parquet"]
    parts[1].parent.mkdir()
    whole[:6_000].write_parquet(parts[0])
    whole[6_000:].write_parquet(parts[1])
    assert replay(*parts).summary.decision_hash == replay(sample).summary.decision_hash


def test_a_users_playbook_file_is_replayed_under_its_own_name(sample: Path, tmp_path: Path) -> None:
    shipped = (ROOT / "config" / "playbooks" / "probe.toml").read_text()
    own = tmp_path / "mine.toml"
    own.write_text(shipped.replace('name = "probe"', 'name = "mine"'))
    mine, probe = replay(sample, playbook=str(own)).summary, replay(sample).summary
    assert (mine.playbook, probe.playbook) == ("mine", "probe")
    assert mine.parameters_hash == probe.parameters_hash
    assert mine.decision_hash == probe.decision_hash


def test_a_missing_limit_refuses_every_entry_by_its_key(sample: Path, tmp_path: Path) -> None:
    settings = tmp_path / "unlimited.toml"
    lines = (ROOT / "config" / "defaults.toml").read_text().splitlines()
    settings.write_text("\n".join(line for line in lines if "max_daily_loss" not in line))
    summary = replay(sample, settings=settings).summary
    assert summary.trades == 0
    assert set(summary.refusals) == {"limit_missing"}
    assert "limits.max_daily_loss" in summary.problems[0]


@pytest.mark.parametrize("value", ["inf", "nan", "0.0", "1e300"])
@pytest.mark.parametrize("name", NUMBERS)
def test_no_value_of_a_limit_ends_in_an_internal_error(
    sample: Path, tmp_path: Path, name: str, value: str
) -> None:
    settings = tmp_path / "strange.toml"
    stated = (ROOT / "config" / "defaults.toml").read_text()
    settings.write_text(re.sub(rf"(?m)^{name} = \S+", f"{name} = {value}", stated))
    summary = replay(sample, settings=settings).summary
    assert any(name in problem for problem in summary.problems) or value == "1e300"


def test_nothing_is_written_beside_the_files(sample: Path, tmp_path: Path) -> None:
    alone = tmp_path / "sample.parquet"
    shutil.copy(sample, alone)
    replay(alone)
    assert list(tmp_path.iterdir()) == [alone]


@pytest.mark.data
@pytest.mark.parametrize("name", RECORDED)
def test_the_probe_completes_round_trips_by_several_exits_on_recorded_ticks(name: str) -> None:
    path = recorded(f"ticks/{name}.parquet")
    first, second = replay(path).summary, replay(path).summary
    assert first.trades >= 10
    assert len(first.exits) >= 3
    assert first.decision_hash == second.decision_hash


@pytest.mark.data
@pytest.mark.parametrize("name", RECORDED)
def test_the_baseline_says_which_gate_stood_in_the_way(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded(f"ticks/{name}.parquet")
    assert main(["replay", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["playbook"] == "baseline"
    assert sum(found["rejections"].values()) > 0
    costs = sum(Decimal(found[key]) for key in ("spread_cost", "slippage", "fees", "funding"))
    assert Decimal(found["net"]) == Decimal(found["gross"]) - costs


@pytest.mark.data
@pytest.mark.parametrize(
    "names", [RECORDED[:2], RECORDED[2:4]], ids=["BTCUSDT+ETHUSDT", "EURUSD+XAUUSD"]
)
def test_two_recorded_markets_trade_as_each_alone(
    names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ("MAX_DAILY_LOSS", "MAX_DRAWDOWN", "LOSS_STREAK", "ORDERS_PER_DAY")
    for limit in (*shared, "ORDERS_PER_SECOND"):  # both together reach what neither does alone
        monkeypatch.setenv(f"AUTOSCALPER_LIMITS__{limit}", "1000000")
    paths = [recorded(f"ticks/{name}.parquet") for name in names]
    together = replay(*paths)
    for path in paths:
        alone = replay(path)
        (market,) = alone.summary.markets
        assert listed(together, market) == alone.trades


@pytest.mark.data
def test_an_inverse_contract_needs_a_rate_of_its_settlement(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = recorded("ticks/crypto/BTCUSD_PERP-coinm-20240808.parquet")
    assert main(["replay", str(path)]) == 4
    assert "account.rates.BTC is missing" in capsys.readouterr().err


@pytest.mark.data
def test_an_inverse_contract_counts_in_the_account_s_currency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOSCALPER_ACCOUNT__RATES__BTC", "61700")
    path = recorded("ticks/crypto/BTCUSD_PERP-coinm-20240808.parquet")
    summary = replay(path, playbook="probe").summary
    money = summary.money
    costs = money.spread_cost + money.slippage + money.fees + money.funding
    assert summary.trades > 0
    assert (money.net, summary.currency) == (money.gross - costs, "USD")


@pytest.mark.data
def test_recorded_funding_takes_the_place_of_the_assumed_rate(tmp_path: Path) -> None:
    path = recorded("ticks/crypto/BTCUSDT-usdm-20240808.parquet")
    # By the venue's clock the file crosses midnight, by the receiver's it ends a second before.
    timed = tmp_path / path.name
    pl.read_parquet(path).drop("recv_ns").write_parquet(timed)
    given = replay(timed, funding=(recorded("funding/BTCUSDT-usdm.parquet"),)).summary
    assert any("no funding rates were given" in line for line in replay(timed).summary.assumed)
    assert not any("funding" in line for line in given.assumed)


@pytest.mark.data
def test_files_with_different_clocks_are_not_merged(capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(recorded(f"ticks/{name}.parquet")) for name in (RECORDED[0], RECORDED[4])]
    assert main(["replay", *paths]) == 1
    assert "cannot be ordered" in capsys.readouterr().err
