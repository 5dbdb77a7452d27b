"""What is left after a demo, and what to try: commands that work when they are typed."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.demo.show import Session
    from reporting.live.picture import Picture


_NAME: Final = "my-demo"
_TRIED: Final = 100


def files_told(kept: Path | None) -> str:
    """Where a session's files are."""
    if kept is None:
        return (
            "None: they lay in a temporary folder, which is removed. --record DIR keeps them in a "
            "folder of yours."
        )
    size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    return f"{kept}: the recording, and the ledgers beside it, {size / 1e6:.1f} MB."


def _config() -> tuple[str, str]:
    """What to do about a config: there may be one here."""
    if Path("autoscalper.toml").exists():
        return "autoscalper check", "whether the config in this folder is right"
    return "autoscalper init --kind crypto", "a config of your own, on paper"


def _free() -> str:
    """A name that --record takes here."""
    names = [_NAME, *(f"{_NAME}-{number}" for number in range(2, _TRIED))]
    return next((name for name in names if not Path(name).exists()), _NAME)


def next_commands(
    picture: "Picture", session: "Session", kept: Path | None
) -> list[tuple[str, str]]:
    """Three of them, each with what it shows."""
    if kept is None:
        again = f"autoscalper demo --for 10s --headless --record {_free()} --seed {session.seed}"
        return [
            (again, "keeps what it does, to be asked later"),
            ("autoscalper playbook show " + shlex.quote(session.playbook), "what it trades"),
            _config(),
        ]
    from reporting.amounts import utc

    folder = shlex.quote(str(kept))
    found = [(f"autoscalper replay {folder} --verify", "decides everything again, and compares")]
    if picture.trades:
        trade = picture.trades[-1]
        after_ns = int(trade.exit_ns) + 1  # then the exit has been filled
        moment = utc(after_ns).replace(" ", "T") + f".{after_ns % 1_000_000_000:09}Z"
        found.append(
            (f"autoscalper why {trade.market} {moment} --recording {folder}", "why it left then")
        )
    found.append(
        (f"autoscalper ledger auto stats --home {folder} --mode simulated", "what it came to")
    )
    return found
