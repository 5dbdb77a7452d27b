"""From paths to markets: reads the files, finds each one's instrument, says what was assumed."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec.structs import replace

from agent.replay.outcome import Progress
from agent.replay.reference import LoadedReference, load_reference, reference_name
from config.catalog import instrument_for_file, load_instrument
from db.recording.format import INPUTS, OUTPUTS
from domain.account import AccountSettings, settlement_rate
from domain.errors import BadInput, BadUsage
from domain.instruments import Instrument
from market.history.doubts import doubts
from market.history.funding import Stamp
from market.history.infer import assumptions, infer_instrument
from market.history.parquet import SourceTicks, read_ticks


class Market(msgspec.Struct, frozen=True):
    """One market of a replay; `rate` converts its settlement currency to the account's.

    funding  recorded stamps, in order; None: those of the instrument's terms, at its assumed rate.
    """

    instrument: Instrument
    rate: Decimal
    funding: tuple[Stamp, ...] | None = None
    reference: Instrument | None = None


class Loaded(msgspec.Struct, frozen=True):
    """Markets by index, their files, and sentences about what the data did not say."""

    markets: tuple[Market, ...]
    sources: tuple[SourceTicks, ...]
    assumed: tuple[str, ...]
    reference: LoadedReference | None = None

    @property
    def leading(self) -> tuple[SourceTicks, ...]:
        """The reference's files, if there is one."""
        return () if self.reference is None else self.reference.sources


def load(
    paths: Sequence[Path],
    instrument: str | None,
    account: AccountSettings,
    progress: Progress,
    reference: Sequence[Path] = (),
) -> Loaded:
    """Read every file. Markets are numbered in the order in which their first file is given.

    `instrument` (a name or a file) describes all files; None finds one for each by its name.
    `reference` are files of the one instrument that leads every market.
    BadInput or BadConfig names the file or setting that cannot be used; BadUsage a recording.
    """
    if not paths:
        raise BadInput("no file was given; expected Parquet files of ticks")
    for path in paths:
        _refuse_recording(path)
    reference_name(reference)
    described = [_described(path, instrument) for path in paths]
    numbers = _numbers(paths, described)
    markets: dict[int, Market] = {}
    sources: list[SourceTicks] = []
    assumed: dict[str, None] = {}
    for done, (path, found) in enumerate(zip(paths, described, strict=True)):
        progress("loading", done, len(paths) + len(reference))
        source = read_ticks(path, numbers[done])
        known, sentences = _instrument(source, found, account)
        rate = settlement_rate(account, known.settle)
        markets.setdefault(numbers[done], Market(known, rate.value))
        sources.append(source)
        assumed.update(dict.fromkeys([*doubts(source, known.tick), *sentences]))
    progress("loading", len(paths), len(paths) + len(reference))
    led = tuple(markets.values())
    leader = load_reference(reference, sources) if reference else None
    if leader is not None:
        led = tuple(replace(market, reference=leader.instrument) for market in led)
        assumed.update(dict.fromkeys(leader.assumed))
        progress("loading", len(paths) + len(reference), len(paths) + len(reference))
    return Loaded(led, tuple(sources), tuple(assumed), leader)


def _refuse_recording(path: Path) -> None:
    """A recording holds ticks as well, but they are folded as they were, or not at all."""
    if path.suffix in (INPUTS, OUTPUTS) or (path.is_dir() and any(path.glob(f"*{INPUTS}"))):
        raise BadUsage(f"{path}: is a recording: add --verify to fold it again as it was")


def _described(path: Path, chosen: str | None) -> Instrument | None:
    return instrument_for_file(path) if chosen is None else load_instrument(chosen)


def _numbers(paths: Sequence[Path], described: Sequence[Instrument | None]) -> list[int]:
    """Files of one instrument are one market; a file that nothing describes is one of its own.

    BadInput where two markets would carry one name. One file given twice is left to the merge.
    """
    numbers: dict[str | Path, int] = {}
    owners: dict[str, tuple[int, Path]] = {}
    for path, instrument in zip(paths, described, strict=True):
        number = numbers.setdefault(_key(path, instrument), len(numbers))
        name = path.stem if instrument is None else instrument.name
        owner, first = owners.setdefault(name, (number, path))
        if number != owner:
            raise BadInput(
                f"{first} and {path} would be two markets named {name}: rename one of them, or "
                "say with --instrument what describes all files"
            )
    return [numbers[_key(*each)] for each in zip(paths, described, strict=True)]


def _key(path: Path, instrument: Instrument | None) -> str | Path:
    return path.resolve() if instrument is None else instrument.name


def _instrument(
    source: SourceTicks, described: Instrument | None, account: AccountSettings
) -> tuple[Instrument, list[str]]:
    if described is not None:
        return described, assumptions(described, source, account)
    inferred = infer_instrument(source, account)
    return inferred.instrument, [
        *inferred.assumed,
        *assumptions(inferred.instrument, source, account),
    ]
