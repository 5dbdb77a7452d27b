"""The reference of a replay (C8): one instrument that is not traded and leads every market."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from config.catalog import instrument_for_file
from domain.enums import BiasSource, Gate, GateMode
from domain.errors import BadUsage
from domain.instruments import Instrument
from domain.playbooks import Playbook
from market.history.doubts import doubts
from market.history.infer import infer_reference, reference_assumptions
from market.history.merge import Timeline
from market.history.parquet import SourceTicks, read_ticks
from reporting.replay_summary import FileLine, ReferenceSummary


class LoadedReference(msgspec.Struct, frozen=True):
    """The instrument, its files, and sentences about what the data did not say."""

    instrument: Instrument
    sources: tuple[SourceTicks, ...]
    assumed: tuple[str, ...]


def reference_name(paths: Iterable[Path]) -> str:
    """Name of the one instrument of all files, "" without any.

    It is found by the files' names; files that none describes are one if they are called alike.
    BadUsage names two that are not.
    """
    first: tuple[Path, str] | None = None
    for path in paths:
        found = instrument_for_file(path)
        name = path.stem if found is None else found.name
        if first is None:
            first = path, name
        elif name != first[1]:
            raise BadUsage(
                f"--reference {first[0]} is {first[1]} and --reference {path} is {name}: a replay "
                "has one reference; give files of one instrument"
            )
    return "" if first is None else first[1]


def load_reference(paths: Sequence[Path], traded: Sequence[SourceTicks]) -> LoadedReference:
    """Read the files of the one reference; one that is `traded` as well is not read again.

    BadInput or BadConfig names the file that cannot be used.
    """
    known = {source.path.resolve(): source for source in traded}
    sources = tuple(
        known.get(path.resolve()) or read_ticks(path, 0, of_reference=True) for path in paths
    )
    described, sentences = instrument_for_file(paths[0]), []
    if described is None:
        inferred = infer_reference(sources)
        described, sentences = inferred.instrument, inferred.assumed
    warnings = [each for source in sources for each in doubts(source, described.tick)]
    said = reference_assumptions(described, sources)
    return LoadedReference(described, sources, (*warnings, *sentences, *said))


def reference_summary(
    reference: LoadedReference | None, timeline: Timeline, names: Sequence[str], repeat: int
) -> ReferenceSummary | None:
    """What a report says of the reference; `names` are those of the markets by number."""
    if reference is None:
        return None
    return ReferenceSummary(
        instrument=reference.instrument.name,
        files=[file_line(source, reference.instrument.name) for source in reference.sources],
        ticks=sum(source.good for source in reference.sources) * repeat,
        delivered={
            names[market]: count * repeat for market, count in sorted(timeline.delivered.items())
        },
    )


def reference_doubts(summary: ReferenceSummary | None) -> list[str]:
    """Markets for which the reference is not what its owner may think."""
    if summary is None:
        return []
    name, said = summary.instrument, []
    for market, count in summary.delivered.items():
        if not count:
            said.append(
                f"WARNING reference {name}: none of its ticks falls into the time of {market}"
            )
        elif market == name:
            said.append(
                f"reference {name}: is traded too: relative_strength compares it with itself"
            )
    return said


def without_reference(playbooks: Iterable[Playbook]) -> list[str]:
    """C8: gates that ask a reference instrument are off where there is none, and that is said.

    Of the playbooks and of all that they may switch to.
    """
    asking: set[Gate] = set()
    for playbook in playbooks:
        for each in (playbook, *(switch.playbook for switch in playbook.switches)):
            asking.update(_asking_reference(each))
    if not asking:
        return []
    words = ", ".join(gate.word for gate in sorted(asking))
    are = "are" if len(asking) > 1 else "is"
    return [f"no reference instrument: {words} of the playbook {are} off"]


def _asking_reference(playbook: Playbook) -> list[Gate]:
    """Its gates that are asked and look at slot 2."""
    asked = [Gate.REFERENCE, Gate.RELATIVE_STRENGTH]
    if playbook.values["gates.index_bias.source"] == BiasSource.REFERENCE:
        asked.append(Gate.INDEX_BIAS)
    return [gate for gate in asked if playbook.gates[gate].mode is not GateMode.OFF]


def file_line(source: SourceTicks, name: str) -> FileLine:
    """What a report says of a file of the instrument `name`."""
    return FileLine(
        name=source.path.name,
        market=name,
        ticks=source.good,
        first_ns=source.start_ns,
        last_ns=source.end_ns,
        dropped={kind.word: count for kind, count in source.bad.items()},
    )
