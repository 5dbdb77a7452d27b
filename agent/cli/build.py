"""Which build this is: the commit of a checkout, else a hash of what a wheel installed."""

import hashlib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_DIGITS: Final = 12


def version_text(version: str) -> str:
    """What `--version` prints: name, kernels, build, and the formats of what is stored."""
    from db.migrations import MIGRATIONS
    from db.recording.format import FORMAT
    from domain.jit import kernel_hash

    lines = (
        ("autoscalper", version),
        ("kernels", kernel_hash()),
        ("build", build()),
        ("ledger-schema", str(MIGRATIONS[-1].number)),
        ("recording-format", str(FORMAT)),
    )
    return "\n".join(f"{name} {value}" for name, value in lines)


def build(root: Path = _ROOT) -> str:
    """`commit` and `wheel` with twelve digits, or `unknown`."""
    if (root / ".git").exists():
        found = commit(root / ".git")
        return "unknown" if found is None else f"commit {found[:_DIGITS]}"
    return f"wheel {_installed()}"


def commit(git: Path) -> str | None:
    """What a checkout's HEAD stands at, read without git; None where that cannot be made out."""
    with suppress(OSError):
        if git.is_file():  # of a worktree: it says where its folder is
            git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref:"):
            return head
        return _reference(git, head.removeprefix("ref:").strip())
    return None


def _reference(git: Path, name: str) -> str | None:
    """The commit of a branch, in a file of its own or among the packed ones."""
    common = git
    with suppress(OSError):
        common = git / (git / "commondir").read_text(encoding="utf-8").strip()
    for folder in (git, common):
        with suppress(OSError):
            return (folder / name).read_text(encoding="utf-8").strip()
    with suppress(OSError):
        for line in (common / "packed-refs").read_text(encoding="utf-8").splitlines():
            found, _, packed = line.partition(" ")
            if packed == name:
                return found
    return None


def _installed() -> str:
    """Of the names and hashes of all files of ours that were installed."""
    try:
        listed = files("autoscalper") or []
    except PackageNotFoundError:
        return "unknown"
    ours = sorted(
        f"{file} {file.hash.value}"
        for file in listed
        if file.hash is not None and file.suffix in {".py", ".toml"}
    )
    digest = hashlib.blake2b("\n".join(ours).encode(), digest_size=_DIGITS // 2)
    return digest.hexdigest() if ours else "unknown"
