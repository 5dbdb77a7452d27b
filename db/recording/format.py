"""The format of a recording: names, file heads, kinds of blocks, the header (docs/recording.md).

A recording is a folder of segments; a segment is two files, `NAME.inputs` and `NAME.outputs`.
Numbers are little-endian. Whatever a reader of this version would misread raises `FORMAT`.
"""

import hashlib
import platform
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import llvmlite.binding
import msgspec
import numpy as np

from domain.enums import Word
from domain.jit import kernel_hash
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from domain.units import SECOND_NS, TsNs

FORMAT: Final = 1
INPUTS: Final = ".inputs"
OUTPUTS: Final = ".outputs"
MAGIC: Final = {INPUTS: b"ASRECIN\n", OUTPUTS: b"ASRECOUT"}
NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}-\d{6,}-\d{6,}")
_COMPUTING: Final = ("numpy", "numba", "llvmlite", "msgspec")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BlockKind(Word):
    """What a block holds."""

    HEADER = 1
    SNAPSHOT = 2
    INPUTS = 3
    OUTPUTS = 4
    END = 5
    GAP = 6


class Opened(Word):
    """Why a segment was opened."""

    START = 0
    DAY = 1
    GAP = 2
    SIZE = 3


class Lost(Word):
    """Why a segment was closed with a GAP."""

    OVERFLOW = 1  # the disk was slower than the inputs
    DISK = 2  # the disk refused
    SKIPPED = 3  # the caller's numbers jumped
    UNWRITABLE = 4  # an event without a form on disk


class Ended(Word):
    """Why a segment was closed with an END."""

    UNKNOWN = 0  # written before this was told
    ROLLED = 1  # another segment of the run follows
    CLOSED = 2  # the run's recording ends here


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What bit identity is promised for: two folds by equal builds decide the same.

    lock_hash  of the lock file; "" where there is none, and then nothing is promised.
    """

    kernel_hash: str
    lock_hash: str
    python: str
    numpy: str
    numba: str
    cpu: str

    def same(self, other: "Build") -> bool:
        """Whether outputs of the two must agree bit for bit."""
        return bool(self.lock_hash) and self == other


class SegmentHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment is, and which build wrote it.

    mode          `paper`, `live` and so on.
    epoch         number of the run.
    number        of the segment within the run.
    created_ns    wall clock.
    event_ns      time of the segment's first input.
    markets       names by row, as far as known.
    *_layout      hash of a dtype (`layout_of`); `state_layout` is the caller's.
    settings      resolved, as JSON text.
    """

    build: Build
    mode: str
    epoch: int
    number: int
    created_ns: TsNs
    event_ns: TsNs
    markets: tuple[str, ...]
    state_layout: str
    settings: str
    opened: Opened
    tick_layout: str = ""
    output_layout: str = ""

    @property
    def name(self) -> str:
        """Of its files, without suffix; names sort by time."""
        at = _EPOCH + timedelta(seconds=int(self.event_ns) // SECOND_NS)
        return f"{at:%Y-%m-%dT%H%M%S}-{self.epoch:06}-{self.number:06}"


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What the last block of a file says: how much it holds, and what is missing after it.

    count     inputs or outputs in this file.
    following number of the first one that is not in it.
    lost      how many are missing after it; None where that was not known yet.
    ended     of an END: whether another segment follows.
    """

    count: int
    following: int
    lost: int | None = 0
    why: Lost | None = None
    detail: str = ""
    ended: Ended = Ended.UNKNOWN


def layout_of(*dtypes: np.dtype[np.void]) -> str:
    """BLAKE2b of names, types and places of every field: 16 hexadecimal digits."""
    text = "\0".join(f"{dtype.descr!r} {dtype.itemsize}" for dtype in dtypes)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


TICK_LAYOUT: Final = layout_of(TICK)
OUTPUT_LAYOUT: Final = layout_of(OUTPUT)


def build_here(lock_file: Path | None) -> Build:
    """This program on this machine. OSError where the lock file cannot be read."""
    lock = b"" if lock_file is None else lock_file.read_bytes()
    return Build(
        kernel_hash=kernel_hash(),
        lock_hash=hashlib.blake2b(lock, digest_size=16).hexdigest() if lock else "",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=version("numpy"),
        numba=version("numba"),
        cpu=f"{platform.machine()} {llvmlite.binding.get_host_cpu_name()}",
    )


@cache
def this_build() -> Build:
    """`build_here` of a checkout, which has its lock file.

    An installed wheel has none: the versions of what computes stand in for it.
    """
    lock_file = Path(__file__).resolve().parents[2] / "uv.lock"
    if lock_file.exists():
        return build_here(lock_file)
    computing = " ".join(f"{name}=={version(name)}" for name in _COMPUTING)
    return msgspec.structs.replace(build_here(None), lock_hash=computing)


def started_ns(name: str) -> int:
    """The second in a segment's name, as nanoseconds. ValueError where it is none."""
    stamp = datetime.strptime(name[:17], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)
    return int((stamp - _EPOCH) / timedelta(seconds=1)) * SECOND_NS
