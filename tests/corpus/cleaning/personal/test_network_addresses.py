"""Addresses of computers, and versions and times that look like them."""

import pytest

from halo.corpus.cleaning.personal.network_addresses import find_ips


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_ips(text)]


@pytest.mark.parametrize(
    "address", ["192.168.1.20", "10.0.0.1", "203.0.113.7", "fe80::1", "2001:db8:85a3::8a2e:370:7334", "::1"]
)
def test_addresses(address: str) -> None:
    assert found(f"request from {address}, refused") == found(f"({address})") == [address]


def test_port_and_prefix_stay_and_words_announce() -> None:
    assert found("10.1.2.3:8080 and 10.1.0.0/16 and IP 1.2.3.4") == ["10.1.2.3", "10.1.0.0", "1.2.3.4"]


@pytest.mark.parametrize(
    "text",
    [
        *("version 1.2.3.4 and 4.10.2.1", "v10.0.0.1 of the driver", "999.168.1.20", "12:30:45 and 1:2", "std::a a::b"),
        *("1.2.3.4.5", "section 192.168.1.20", "0.123.456.789", "00:1A:2B:3C:4D:5E"),
    ],
)
def test_no_addresses(text: str) -> None:
    assert found(text) == []
