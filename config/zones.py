"""Time zones from the tzdata package: session times must not depend on the machine's files."""

import re
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from config.reading import hint

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
DAY_MINUTES: Final = 24 * 60


@cache
def zone_names() -> frozenset[str]:
    """Every zone that the tzdata package knows."""
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. ValueError suggests a known one."""
    if name not in zone_names():
        near = hint(name, zone_names())
        expected = near if near.startswith("did") else 'write an IANA name such as "Europe/Paris"'
        raise ValueError(f"unknown time zone {name!r}; {expected}")
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def minutes(clock: str) -> int:
    """Minutes since midnight of an "HH:MM". ValueError says what was expected."""
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise ValueError(f'{clock!r} is no time of day: write "HH:MM", "00:00" to "23:59"')
    return int(match.group(1)) * 60 + int(match.group(2))
