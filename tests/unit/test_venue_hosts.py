"""Nothing is sent anywhere but where the owner knows of."""

import pytest
from ccxt import pro

from domain.errors import BadConfig
from market.venues.hosts import Hosts, Urls, is_loopback, pointed

OWN: Urls = {
    "rest": {"public": "https://fapi.venue.com/fapi/v1"},
    "ws": {"linear": "wss://fstream.venue.com/ws", "more": ["wss://other.venue.com:9443/stream"]},
    "test": "https://testnet.venue.com/api",
}
LOOPBACK = Hosts(rest_url="http://127.0.0.1:8080", ws_url="ws://localhost:8081")


def test_addresses_stay_where_nothing_is_stated() -> None:
    assert pointed("venue", OWN, Hosts()) == OWN


def test_each_kind_of_address_moves_to_its_host_and_keeps_its_path() -> None:
    assert pointed("venue", OWN, LOOPBACK) == {
        "rest": {"public": "http://127.0.0.1:8080/fapi/v1"},
        "ws": {"linear": "ws://localhost:8081/ws", "more": ["ws://localhost:8081/stream"]},
        "test": "http://127.0.0.1:8080/api",
    }


def test_the_venues_own_hosts_may_be_named() -> None:
    moved = pointed("venue", OWN, Hosts(rest_url="https://testnet.venue.com"))
    assert isinstance(moved, dict)
    assert moved["rest"] == {"public": "https://testnet.venue.com/fapi/v1"}


def test_another_host_is_refused_unless_it_is_allowed() -> None:
    elsewhere = Hosts(rest_url="https://venue.com.example.org")
    with pytest.raises(BadConfig, match=r'venue\.com\.example\.org.*allow = \["venue.com'):
        pointed("venue", OWN, elsewhere)
    allowed = Hosts(rest_url=elsewhere.rest_url, allow=("venue.com.example.org",))
    assert "venue.com.example.org" in str(pointed("venue", OWN, allowed))


@pytest.mark.parametrize(
    "hosts",
    [
        Hosts(rest_url="ws://127.0.0.1:1"),
        Hosts(ws_url="http://127.0.0.1:1"),
        Hosts(rest_url="127.0.0.1:1"),
        Hosts(rest_url="ftp://127.0.0.1"),
        Hosts(rest_url="http://127.0.0.1:1/fapi"),
        Hosts(ws_url="wss://"),
    ],
)
def test_what_is_no_host_is_refused_with_the_form_that_is_meant(hosts: Hosts) -> None:
    with pytest.raises(BadConfig, match="write"):
        pointed("venue", OWN, hosts)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1.example.org", "10.0.0.1", "0.0.0.0", "", None])  # noqa: S104
def test_other_machines_are_not_taken_for_this_one(host: str | None) -> None:
    assert not is_loopback(host)


def test_who_speaks_elsewhere_is_told_so() -> None:
    assert len(LOOPBACK.warnings("venue")) == 2
    assert Hosts().warnings("venue") == []


@pytest.mark.parametrize("venue", ["binance", "binanceusdm", "bybit", "okx", "kraken"])
def test_no_address_of_a_real_venue_is_left_behind(venue: str) -> None:
    urls = getattr(pro, venue)().urls["api"]
    moved = str(pointed(venue, urls, LOOPBACK)).replace("{hostname}", "venue.com")
    assert "venue.com" not in moved
    assert "https" not in moved
    assert "wss" not in moved
