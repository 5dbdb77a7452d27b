"""From paths to markets: reads the files, finds each one's instrument, says what was assumed."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec.structs import replace

from agent.replay.outcome import Progress
from agent.replay.recorded_ticks import is_recording, recorded_files
from agent.replay.reference import LoadedReference, load_reference, reference_name
from config.catalog import instrument_for_file, load_instrument
from domain.account import AccountSettings, settlement_rate
from domain.errors import BadInput
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
    A recording is taken for its ticks, with the instruments that it was recorded with.
    BadInput or BadConfig names the file or setting that cannot be used.
    """
    if not paths:
        raise BadInput("no file was given; expected Parquet files of ticks, or a recording")
    reference_name(reference)
    given, assumed = _given(paths, instrument)
    numbers = _numbers([each.path for each in given], [each.instrument for each in given])
    markets: dict[int, Market] = {}
    sources: list[SourceTicks] = []
    for done, each in enumerate(given):
        progress("loading", done, len(given) + len(reference))
        source = _source(each, numbers[done])
        known, sentences = _instrument(source, each.instrument, account)
        rate = settlement_rate(account, known.settle)
        markets.setdefault(numbers[done], Market(known, rate.value))
        sources.append(source)
        assumed.update(dict.fromkeys([*doubts(source, known.tick), *sentences]))
    progress("loading", len(given), len(given) + len(reference))
    led = tuple(markets.values())
    leader = load_reference(reference, sources) if reference else None
    if leader is not None:
        led = tuple(replace(market, reference=leader.instrument) for market in led)
        assumed.update(dict.fromkeys(leader.assumed))
        progress("loading", len(given) + len(reference), len(given) + len(reference))
    return Loaded(led, tuple(sources), tuple(assumed), leader)


class _Given(msgspec.Struct, frozen=True):
    """A file, what describes it, and its ticks where they have been read: those of a recording."""

    path: Path
    instrument: Instrument | None
    source: SourceTicks | None = None


def _given(paths: Sequence[Path], chosen: str | None) -> tuple[list[_Given], dict[str, None]]:
    """Every file, with each recording's segments in its place; and what there is to say."""
    found: list[_Given] = []
    said: dict[str, None] = {}
    for path in paths:
        if not is_recording(path):
            found.append(_Given(path, _described(path, chosen)))
            continue
        recorded = recorded_files(path)
        said[f"{path}: is a recording: its ticks are decided on anew"] = None
        said.update(dict.fromkeys(recorded.said))
        described = None if chosen is None else load_instrument(chosen)
        found += [
            _Given(each.source.path, described or each.instrument, each.source)
            for each in recorded.ticks
        ]
    return found, said


def _source(given: _Given, market: int) -> SourceTicks:
    if given.source is None:
        return read_ticks(given.path, market)
    given.source.ticks["market"] = market
    return replace(given.source, market=market)


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
