"""Blocks of one file: each with a checksum over itself and the checksum of the one before it.

So a flipped byte, a block that was cut out and one of another file are all found. A block is

    length, kind, count, raw size  u32 each      length is that of the payload
    first                          i64           number of the first input or output in it
    CRC-32 of these                u32           so that a wrong length is not taken for a torn end
    payload                        zstd
    checksum                       16 bytes      BLAKE2b of the checksum before, head, payload

The bytes before the first block, magic and format, are what the chain begins with.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import zstandard

from db.recording.format import FORMAT, MAGIC, BlockKind
from domain.errors import BadInput, Corrupt

_LEVEL: Final = 3
_HEAD: Final = struct.Struct("<IIIIq")
_CRC: Final = struct.Struct("<I")
_FORMAT: Final = struct.Struct("<I")
_DIGEST: Final = 16
START: Final = 8 + _FORMAT.size
_CHUNK: Final = 1 << 20


class Block(msgspec.Struct, frozen=True):
    """One block as read: `first` numbers the first of its `count` inputs or outputs."""

    kind: BlockKind
    first: int
    count: int
    data: bytes


class BlockWriter:
    """Appends whole blocks to a new file. OSError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        start = MAGIC[path.suffix] + _FORMAT.pack(FORMAT)
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self._digest = _checksum(b"", start)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.size = 0  # bytes that are whole
        try:
            self._put(start)
        except OSError:
            self.close(fsync=False)
            path.unlink()
            raise

    def append(self, block: Block) -> None:
        """Write one block; what a refusal left of it is taken back."""
        payload = self._compress(block.data)
        numbers = (len(payload), block.kind, block.count, len(block.data), block.first)
        head = _HEAD.pack(*numbers)
        head += _CRC.pack(zlib.crc32(head))
        digest = _checksum(self._digest, head, payload)
        self._put(head + payload + digest)
        self._digest = digest

    def close(self, *, fsync: bool) -> None:
        """Close, after it reached the disk if asked for. Closed again, nothing happens."""
        file, self._file = self._file, -1
        if file < 0:
            return
        try:
            if fsync:
                os.fsync(file)
        finally:
            os.close(file)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += len(data)


class BlockReader:
    """Reads the blocks of one file in order, in the memory of one.

    ignored  after the last block: bytes of a torn end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ignored = 0

    def __iter__(self) -> Iterator[Block]:
        """Every whole block. BadInput where this is no such file, Corrupt where it is damaged."""
        try:
            with self.path.open("rb") as file:
                yield from self._blocks(file)
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be read ({error.strerror}); expected a segment of "
                           "a recording") from error  # fmt: skip

    def _blocks(self, file: BinaryIO) -> Iterator[Block]:
        size = os.fstat(file.fileno()).st_size
        digest = _checksum(b"", self._start(file))
        decompress = zstandard.ZstdDecompressor().decompress
        number, at = 0, START
        while at < size:
            head = file.read(_HEAD.size + _CRC.size)
            if len(head) < _HEAD.size + _CRC.size:
                break
            numbers = head[: _HEAD.size]
            stated, real = head[_HEAD.size :], _CRC.pack(zlib.crc32(numbers))
            if stated != real:
                if _unwritten(stated, real, file):
                    break
                raise self._corrupt(number, at, "its head does not match its checksum")
            length, kind, count, raw, first = _HEAD.unpack(numbers)
            payload, found = file.read(length), file.read(_DIGEST)
            if len(payload) < length or len(found) < _DIGEST:
                break
            digest = _checksum(digest, head, payload)
            if digest != found:
                if _unwritten(found, digest, file):
                    break
                raise self._corrupt(number, at, "it does not match its checksum")
            yield Block(BlockKind(kind), first, count, decompress(payload, raw))
            number, at = number + 1, file.tell()
        self.ignored = size - at

    def _start(self, file: BinaryIO) -> bytes:
        """Magic and format, which are the file's first bytes."""
        magic, start = MAGIC[self.path.suffix], file.read(START)
        if len(start) == START and self._was(magic + _FORMAT.pack(FORMAT), start, file):
            raise self._corrupt(0, 0, "the bytes before it do not match its checksum")
        if not start.startswith(magic[: len(start)]):
            raise BadInput(f"{self.path}: is no segment of a recording; expected {magic!r} at its "
                           f"start, found {start[: len(magic)]!r}")  # fmt: skip
        if len(start) < START:
            raise BadInput(f"{self.path}: is cut off before its header ({len(start)} bytes), so "
                           "nothing was recorded in it; remove it")  # fmt: skip
        (found,) = _FORMAT.unpack_from(start, len(magic))
        if found != FORMAT:
            raise BadInput(f"{self.path}: has format {found}, this version reads {FORMAT}; read it "
                           "with the version that wrote it")  # fmt: skip
        return start

    @staticmethod
    def _was(expected: bytes, start: bytes, file: BinaryIO) -> bool:
        """Whether the first block says that the file once began as expected, and it does not."""
        if start == expected:
            return False
        head = file.read(_HEAD.size + _CRC.size)
        numbers = head[: _HEAD.size]
        if len(numbers) < _HEAD.size or head[_HEAD.size :] != _CRC.pack(zlib.crc32(numbers)):
            return False
        payload = file.read(_HEAD.unpack(numbers)[0])
        return file.read(_DIGEST) == _checksum(_checksum(b"", expected), head, payload)

    def _corrupt(self, number: int, at: int, what: str) -> Corrupt:
        return Corrupt(
            f"{self.path}: block {number} at byte {at} was changed after it was written: {what}; "
            "what comes before it is whole, for the rest restore the file from a copy"
        )


def _checksum(before: bytes, *parts: bytes) -> bytes:
    digest = hashlib.blake2b(before, digest_size=_DIGEST)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _unwritten(stated: bytes, real: bytes, file: BinaryIO) -> bool:
    """Whether a checksum, from some byte on, and all after it are zeros.

    A power cut can leave a file with room that was never written. One zero alone may be chance.
    """
    kept = next((at for at, byte in enumerate(stated) if byte != real[at]), len(stated))
    rest, zeros = stated[kept:], 0
    while rest:
        if rest.count(0) < len(rest):
            return False
        zeros += len(rest)
        rest = file.read(_CHUNK)
    return zeros > 1
