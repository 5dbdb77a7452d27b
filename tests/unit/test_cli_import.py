"""`autoscalper import`: tells what it will do, does it, and makes what the other verbs read."""

import json
from pathlib import Path

import pytest

import foreign_samples as foreign
from agent.cli import main
from agent.replay.record import RecordRequest, record
from domain.errors import BadInput
from domain.units import TsNs
from foreign_samples import written
from sample_market import sample_frame

Texts = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def trades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trades of the SAMPLE instrument over midnight, as a foreign CSV."""
    frame = sample_frame(900).filter(kind="trade")
    late = frame.with_columns(time=frame["ts_ns"] - 300 * 10**9)
    path = tmp_path_factory.mktemp("foreign") / "SAMPLE.csv"
    late.select("time", "price", "size", "side").write_csv(path)
    return path


def run(capsys: Texts, *arguments: str) -> tuple[int, str, str]:
    code = main(["import", *arguments])
    return (code, *capsys.readouterr())


def test_the_mapping_is_told_with_units_and_nothing_is_written_in_a_dry_run(
    tmp_path: Path, capsys: Texts
) -> None:
    path = written(tmp_path, foreign.AGG_TRADES)
    code, out, err = run(capsys, str(path), "--dry-run")
    assert (code, err, list(tmp_path.iterdir())) == (0, "", [path])
    assert "the shape of Binance" in out
    assert "milliseconds since 1970, UTC" in out
    assert "Not read: 4, 5." in out


def test_ticks_are_written_where_replay_reads_them(
    tmp_path: Path, trades: Path, capsys: Texts
) -> None:
    place = tmp_path / "SAMPLE.parquet"
    code, out, _ = run(capsys, str(trades), "--out", str(place))
    assert code == 0
    assert "all of" in out
    assert out.endswith(f"Next:\n  autoscalper replay {place}\n")
    assert main(["replay", str(place)]) == 0


def test_json_holds_the_plan_and_what_became_of_every_row(tmp_path: Path, capsys: Texts) -> None:
    path = written(tmp_path, foreign.AGG_TRADES + "10,100.1,0,1,1,1700000001000,true\n")
    code, out, _ = run(capsys, str(path), "--out", str(tmp_path / "x.parquet"), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["plan"][0]["fields"][3]["unit"] == "milliseconds since 1970, UTC"
    assert found["imported"]["files"][0]["counts"] == {"zero": 1}
    assert found["imported"]["files"][0]["first"] == {"zero": 4}
    assert found["imported"]["trades"] == 3


def test_a_recording_is_verified_asked_listed_exported_and_replayed(
    tmp_path: Path, trades: Path, capsys: Texts
) -> None:
    folder, place = str(tmp_path / "rec"), str(tmp_path / "SAMPLE.parquet")
    assert run(capsys, str(trades), "--out", folder, "--playbook", "probe")[0] == 0
    assert main(["replay", folder, "--verify"]) == 0
    assert "are equal" in capsys.readouterr().out
    assert main(["why", "SAMPLE", "--recording", folder]) == 0
    assert main(["recording", "list", folder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["segments"]
    assert [each["end"] for each in found] == ["end", "end"]  # a segment a day
    assert main(["recording", "export", folder, str(tmp_path / "ticks")]) == 0
    run(capsys, str(trades), "--out", place)
    assert main(["replay", place, "--playbook", "probe", "--json"]) == 0
    direct = json.loads(capsys.readouterr().out)
    assert main(["replay", folder, "--playbook", "probe", "--json"]) == 0
    anew = json.loads(capsys.readouterr().out)
    assert anew["decision_hash"] == direct["decision_hash"]
    assert anew["trades"] > 0


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ([], 2, "say with --out where ticks go"),
        (["--out", "{0}/x.csv"], 2, "name it .parquet for ticks"),
        (["--out", "{0}/none/x.parquet"], 1, "there is no such folder"),
        (["--out", "{0}/there.parquet"], 1, "add --force"),
        (["--out", "{0}/x.csv/rec"], 1, "cannot be written to"),
        (["--out", "{0}/x.parquet", "--playbook", "probe"], 2, "leave out --playbook"),
        (["--out", "{0}/x.parquet", "--map", "price"], 2, "write it as FIELD=COLUMN"),
        (["--out", "{0}/x.parquet", "--map", "id=1", "--map", "id=2"], 2, "state it once"),
        (["--out", "{0}/x.parquet", "--instrument", "BTCUSTD-spot"], 4, "did you mean"),
        (["--out", "{0}/x.parquet", "--spread-bps", "-1"], 2, "not between 0 and 1000"),
    ],
)
def test_what_cannot_be_done_is_refused_and_writes_nothing(
    tmp_path: Path, capsys: Texts, options: list[str], code: int, told: str
) -> None:
    path = written(tmp_path, foreign.AGG_TRADES)
    (tmp_path / "there.parquet").write_text("kept")
    stated = [option.format(tmp_path) for option in options]
    found, _, err = run(capsys, str(path), *stated)
    assert (found, told in err) == (code, True), err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["there.parquet", "x.csv"]
    assert (tmp_path / "there.parquet").read_text() == "kept"


def test_a_folder_that_holds_a_recording_gets_no_second_one(
    tmp_path: Path, trades: Path, capsys: Texts
) -> None:
    folder = str(tmp_path / "rec")
    assert run(capsys, str(trades), "--out", folder)[0] == 0
    for options in ([], ["--dry-run"]):
        code, out, err = run(capsys, str(trades), "--out", folder, *options)
        assert (code, out, "holds a recording already" in err) == (1, "", True)
    request = RecordRequest(paths=(trades,), folder=Path(folder), now_ns=TsNs(0))
    with pytest.raises(BadInput, match="holds a recording already"):
        record(request, lambda *_: None)


def test_an_instrument_that_does_not_fit_the_prices_is_warned_of(
    tmp_path: Path, capsys: Texts
) -> None:
    path = written(tmp_path, foreign.AGG_TRADES.replace("100.", "100.0"))
    place = str(tmp_path / "x.parquet")
    code, out, _ = run(capsys, str(path), "--out", place, "--instrument", "GCZ3-comex", "--json")
    assert code == 0
    assert "lie between ticks of 0.1" in " ".join(json.loads(out)["imported"]["assumed"])
