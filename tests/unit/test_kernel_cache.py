"""Compiled code is never stale: an edited rule acts, and checked and plain code stay apart.

Most tests run a copy of the real `domain/jit.py` beside a package of two modules, a caller and the
rule it calls, in a process of its own: what is cached is what the next process finds.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain import jit

RULE = """
from domain.jit import kernel

@kernel
def threshold(price):
    return price + {step}
"""
CALLER = """
from domain.jit import kernel
from strategies.rule import threshold

@kernel
def decide(price):
    return threshold(price) * 10
"""
DECIDE = "from strategies.caller import decide; print(decide(1))"
HITS = f"{DECIDE}; print(sum(decide.stats.cache_hits.values()))"
BOUNDS = """
import numpy as np
from strategies.caller import decide
print(decide(np.arange(3)))
"""


class Project:
    """A folder with the real decorator and two kernels, run by fresh processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for package in ("domain", "strategies"):
            (root / package).mkdir()
            (root / package / "__init__.py").touch()
        shutil.copy(jit.__file__, root / "domain" / "jit.py")
        (root / "strategies" / "caller.py").write_text(CALLER)
        self.write_rule(step=1)

    def write_rule(self, step: int) -> None:
        """Replace the rule by one that adds `step`."""
        (self.root / "strategies" / "rule.py").write_text(RULE.format(step=step))

    def run(self, code: str, **environment: str) -> str:
        """What `code` prints in a fresh process, with only `environment` set for numba and us."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "AUTOSCALPER_"))}
        done = subprocess.run(
            # -B: bytecode of the same second and size would hide the edit from Python itself.
            [sys.executable, "-B", "-c", code],
            cwd=self.root,
            env=kept | {"AUTOSCALPER_CACHE": str(self.root / "cache")} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def folders(self) -> list[Path]:
        """The cache folders made so far."""
        return sorted((self.root / "cache" / "kernels").iterdir())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def cache_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOSCALPER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "kernels"


def test_cached_caller_acts_on_an_edited_rule(project: Project) -> None:
    before = project.run(DECIDE)
    project.write_rule(step=7)
    assert (before, project.run(DECIDE)) == ("20", "80")


def test_second_process_finds_the_compiled_code(project: Project) -> None:
    project.run(DECIDE)
    assert project.run(HITS).splitlines() == ["20", "1"]


def test_checked_and_unchecked_code_lie_in_different_folders(project: Project) -> None:
    project.run(DECIDE)
    project.run(DECIDE, NUMBA_BOUNDSCHECK="1")
    assert len(project.folders()) == 2


def test_bounds_are_checked_when_asked_for_although_unchecked_code_is_cached(
    project: Project,
) -> None:
    rule = (
        "from domain.jit import kernel\n\n@kernel\ndef threshold(row):\n    return row[{index}]\n"
    )
    (project.root / "strategies" / "rule.py").write_text(rule.format(index="row.shape[0]"))
    project.run(BOUNDS)
    with pytest.raises(AssertionError, match="IndexError"):
        project.run(BOUNDS, NUMBA_BOUNDSCHECK="1")


def test_cache_survives_a_changed_numba_variable(project: Project) -> None:
    change = "import domain.jit, os; os.environ['NUMBA_LOG_PYTHON'] = '0'; "
    reload = "import numba; numba.config.reload_config(); "
    project.run(change + reload + DECIDE)
    assert any(project.folders()[0].rglob("*.nbc"))


@pytest.mark.parametrize("variable", ["AUTOSCALPER_INTERPRET", "NUMBA_DISABLE_JIT"])
def test_interpreted_kernel_is_the_plain_function_and_makes_no_cache(
    project: Project, variable: str
) -> None:
    assert project.run(f"{DECIDE}; print(type(decide))", **{variable: "1"}).split()[0] == "20"
    assert not (project.root / "cache").exists()


def test_kernels_run_where_the_cache_cannot_be_made(project: Project) -> None:
    (project.root / "cache").write_text("a file where the folder should be")
    where = "from domain.jit import CACHE_FOLDER as f; print(f.name[:12], oct(f.stat().st_mode))"
    assert project.run(f"{where}; {DECIDE}").splitlines() == ["autoscalper- 0o40700", "20"]


def test_kernel_outside_the_hashed_sources_is_never_cached(project: Project) -> None:
    (project.root / "stray.py").write_text((project.root / "strategies" / "rule.py").read_text())
    project.run("from stray import threshold; threshold(1)")
    assert not any(project.folders()[0].rglob("*.nbc"))


def test_kernel_hash_names_the_rules_and_not_the_mode(project: Project) -> None:
    ask = "from domain.jit import kernel_hash; print(kernel_hash())"
    before, checked = project.run(ask), project.run(ask, NUMBA_BOUNDSCHECK="1")
    project.write_rule(step=2)
    assert before == checked != project.run(ask)


def test_kernel_hash_is_32_hexadecimal_digits() -> None:
    assert len(bytes.fromhex(jit.kernel_hash())) == 16


def test_source_files_include_the_decorator_itself() -> None:
    assert Path(jit.__file__).resolve() in jit.source_files()


def test_cache_folder_is_private(cache_base: Path) -> None:
    folder = jit._cache_folder()
    assert folder is not None
    assert (folder.parent, folder.stat().st_mode & 0o777) == (cache_base, 0o700)


def test_cache_folder_open_to_others_is_closed_before_use(cache_base: Path) -> None:
    prepared = cache_base / jit._key()
    prepared.mkdir(parents=True)
    prepared.chmod(0o777)
    assert jit._cache_folder() == prepared
    assert prepared.stat().st_mode & 0o777 == 0o700


def test_cache_folder_that_is_a_link_is_not_trusted(cache_base: Path, tmp_path: Path) -> None:
    cache_base.mkdir(parents=True)
    (cache_base / jit._key()).symlink_to(tmp_path, target_is_directory=True)
    folder = jit._cache_folder()
    assert folder is not None
    assert folder.name.startswith("autoscalper-kernels-")


def test_cache_folder_of_another_user_is_not_trusted(
    cache_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    folder = jit._cache_folder()
    assert folder is not None
    assert folder.parent != cache_base


def test_no_cache_folder_is_named_where_nothing_can_be_written(
    cache_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError

    cache_base.parent.touch()
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    assert jit._cache_folder() is None


def test_systemd_names_the_cache_folder_for_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOSCALPER_CACHE", raising=False)
    monkeypatch.setenv("CACHE_DIRECTORY", f"{tmp_path}:/var/cache/second")
    assert jit._base() == tmp_path / "kernels"


def test_users_cache_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOSCALPER_CACHE", raising=False)
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/paths/do/not/count")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert jit._base() == Path("/home/somebody/.cache/autoscalper/kernels")


def test_new_cache_folder_takes_away_those_unused_for_a_month(cache_base: Path) -> None:
    old, recent, foreign = (cache_base / name for name in ("0" * 32, "1" * 32, "notes"))
    for folder in (old, recent, foreign):
        folder.mkdir(parents=True)
    for folder in (old, foreign):
        os.utime(folder, times=(time.time() - 31 * 86_400,) * 2)
    jit._cache_folder()
    assert (old.exists(), recent.exists(), foreign.exists()) == (False, True, True)
