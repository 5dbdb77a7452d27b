"""Where a venue is spoken to: its own hosts, or others that the owner has named.

Invariant: nothing is sent anywhere but to the venue's own hosts, to this machine, or to a host that
the config allows by name.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from domain.errors import BadConfig

Urls: TypeAlias = Mapping[str, "Leaf"] | list["Leaf"]
Leaf: TypeAlias = Urls | str
_SCHEMES = {"http": "rest", "https": "rest", "ws": "ws", "wss": "ws"}


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """`[venues.NAME]` of a config.

    rest_url, ws_url  scheme, host and port that replace the venue's own; paths stay.
    allow             hosts besides the venue's own and this machine that these may name.
    """

    rest_url: str | None = None
    ws_url: str | None = None
    allow: tuple[str, ...] = ()

    def warnings(self, venue: str) -> list[str]:
        """What the owner should be told at the start."""
        return [
            f"{venue} is spoken to at {url}, which is not the venue's own host"
            for url in (self.rest_url, self.ws_url)
            if url is not None
        ]


def pointed(venue: str, urls: Urls, hosts: Hosts) -> Urls:
    """All addresses of a venue, those of REST and websocket each moved to the host stated for them.

    BadConfig for a host that is neither the venue's own, nor loopback, nor allowed.
    """
    own = {urlsplit(url).hostname for url in _leaves(urls)}
    for key, url in (("rest_url", hosts.rest_url), ("ws_url", hosts.ws_url)):
        if url is not None:
            _check(venue, key, url, {*own, *hosts.allow})
    return _moved(urls, hosts)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


def _check(venue: str, key: str, url: str, known: set[str | None]) -> None:
    parts = urlsplit(url)
    place = f"venues.{venue}.{key}"
    wanted = {"rest_url": "rest", "ws_url": "ws"}[key]
    if _SCHEMES.get(parts.scheme) != wanted or not parts.hostname:
        example = "https://host:port" if wanted == "rest" else "wss://host:port"
        raise BadConfig(f"{place}: {url} is no such address; write {example}")
    if parts.path not in {"", "/"} or parts.query:
        raise BadConfig(f"{place}: {url} has a path; write scheme, host and port, and no more")
    if parts.hostname not in known and not is_loopback(parts.hostname):
        raise BadConfig(
            f"{place}: {parts.hostname} is no host of {venue}; if it is meant, add"
            f' allow = ["{parts.hostname}"] to [venues.{venue}]: keys and orders would go there'
        )


def _leaves(urls: Leaf) -> Iterator[str]:
    if isinstance(urls, str):
        yield urls
        return
    for each in urls.values() if isinstance(urls, Mapping) else urls:
        yield from _leaves(each)


def _moved(urls: Urls, hosts: Hosts) -> Urls:
    def moved(leaf: Leaf) -> Leaf:
        return _leaf(leaf, hosts) if isinstance(leaf, str) else _moved(leaf, hosts)

    if isinstance(urls, Mapping):
        return {key: moved(leaf) for key, leaf in urls.items()}
    return [moved(leaf) for leaf in urls]


def _leaf(url: str, hosts: Hosts) -> str:
    parts = urlsplit(url)
    target = hosts.rest_url if _SCHEMES.get(parts.scheme) == "rest" else hosts.ws_url
    if target is None:
        return url
    to = urlsplit(target)
    return parts._replace(scheme=to.scheme, netloc=to.netloc).geturl()
