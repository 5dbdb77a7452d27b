"""Random numbers that compiled and interpreted code draw alike, bit for bit, on every machine.

Marsaglia's multiply-with-carry with its two halves mixed. No product leaves int64, and what is
made of the draws uses only + - * / and square roots, whose results IEEE 754 fixes to the last bit.
"""

import hashlib
import math
from typing import Final

from domain.arrays import Record
from domain.jit import kernel

_MULTIPLIER: Final = 2_051_013_963  # below 2^31; a * 2^32 - 1 is a safe prime: period 2^62
_LOW: Final = 0xFFFF_FFFF
_PARTS: Final = 4  # numbers of 16 bits that are added up for one normal number
_CENTRE: Final = _PARTS * 65_535 // 2
_UNIT: Final = 1.0 / math.sqrt(_PARTS * (65_536.0**2 - 1.0) / 12.0)
_SCALE: Final = 1.0 / 4_294_967_296.0


def seeded(seed: int, purpose: str) -> int:
    """Where the draws for one purpose start: two purposes of one seed have nothing in common."""
    digest = hashlib.blake2b(f"{seed}\0{purpose}".encode(), digest_size=8).digest()
    # 0 and the largest state repeat themselves for ever.
    return 1 + int.from_bytes(digest) % (_MULTIPLIER * 2**32 - 3)


@kernel
def draw(source: Record) -> int:
    """A number of 32 bits; moves `source["random"]` on."""
    state = source["random"]
    state = _MULTIPLIER * (state & _LOW) + (state >> 32)
    source["random"] = state
    return int((state & _LOW) ^ (state >> 32))


@kernel
def uniform(source: Record) -> float:
    """In [0, 1)."""
    return draw(source) * _SCALE


@kernel
def noise(source: Record) -> float:
    """Mean 0 (exactly, by symmetry), variance 1, nearly normal: a sum of four, never beyond 3.5."""
    first, second = draw(source), draw(source)
    total = (first & 65_535) + (first >> 16) + (second & 65_535) + (second >> 16)
    return (total - _CENTRE) * _UNIT


@kernel
def heavy(source: Record) -> float:
    """At least 1, P(more than x) = x^-1.6 up to 1,024: sizes of trades have such tails.

    Gopikrishnan, Plerou, Gabaix and Stanley (2000) find an exponent near 1.5.
    """
    chance = (draw(source) >> 16) + 1.0
    root = math.sqrt(65_536.0 / chance)
    return root * math.sqrt(math.sqrt(math.sqrt(65_536.0 / chance)))


@kernel
def uneven(source: Record) -> float:
    """At least 0, mean 1, most often small: a product of two even ones."""
    return 4.0 * uniform(source) * uniform(source)
