"""What a verification found, as values."""

import msgspec


class OutputTold(msgspec.Struct, frozen=True, kw_only=True):
    """One output of the core, in numbers (docs/rules.md, O1)."""

    event_ns: int
    market: str
    decision_seq: int
    kind: int
    code: int
    side: int
    price_ticks: int
    lots: int
    distances: tuple[float, ...]


class Unlike(msgspec.Struct, frozen=True, kw_only=True):
    """A whole number of an output that differs, by its name in the record."""

    name: str
    recorded: int
    folded: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first output that is not as it was recorded. None: there is no such output.

    output         its number in the segment, from 0; None where it is not an output that differs.
    seq, last_seq  numbers of the inputs that were being folded: an event, or a run of ticks.
    """

    segment: str
    output: int | None
    seq: int
    last_seq: int
    recorded: OutputTold | None
    folded: OutputTold | None
    why: str
    numbers: list[Unlike] = []


class SegmentVerified(msgspec.Struct, frozen=True, kw_only=True):
    """One segment.

    same_build     this build promises the same bits as the one that recorded.
    lost           inputs missing behind it; None: nobody knows how many.
    ignored_bytes  of an end that a crash cut off.
    inputs, ticks  folded, up to a difference.
    outputs        compared and equal.
    not_compared   outputs, said or recorded, beyond the end of the other side: lost or cut off.
    """

    name: str
    same_build: bool
    end: str
    lost: int | None
    ignored_bytes: int
    inputs: int
    ticks: int
    outputs: int
    not_compared: int
    difference: Difference | None


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Inputs that were recorded, as no GAP says that they were lost, and are not there.

    before, after  segments between which they belong; before is "" where a run's first is missing.
    first, last    their numbers; with `last` below `first` the segments do not join otherwise.
    """

    before: str
    after: str
    first: int
    last: int


class NextMissing(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that says that another of its run follows, which is not there.

    run, number  of the one that is missing.
    """

    after: str
    run: int
    number: int


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A whole recording, up to the first difference; `found` counts its segments.

    no_runs  numbers of runs between others of which there is no segment at all: deleted, or they
             never recorded anything, which nothing tells apart.
    no_next  segments that should follow the last one of a run: deleted, or never begun, the same.
    """

    path: str
    segments: list[SegmentVerified]
    found: int
    missing: list[Missing] = []
    no_runs: list[int] = []
    no_next: list[NextMissing] = []

    @property
    def difference(self) -> Difference | None:
        """The first one."""
        return next((each.difference for each in self.segments if each.difference), None)

    @property
    def equal(self) -> bool:
        """All is there, and all of it is as it was recorded."""
        absent = self.missing or self.no_runs or self.no_next
        return self.difference is None and not absent
