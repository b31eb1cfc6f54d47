"""Addresses of computers: IPv4 and IPv6.

Four numbers with full stops may also be a version or a section (1.2.3.4). They are an address if one of them has three
digits, if they belong to a private network (10.0.0.1), or if a word announces one.
"""

import ipaddress
import re

from halo.corpus.cleaning.personal.spans import Span

_V4 = re.compile(r"(?<![0-9A-Za-z_])(?<![0-9][.,])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z_]|[.,][0-9])")
_V6 = re.compile(
    r"(?<![0-9A-Za-z_:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}(?![0-9A-Za-z_:]|\.[0-9])"
)
_VERSION = re.compile(
    r"(?:\b(?:v|ver|version|release|build|section|sect|sec|chapter|art|article|table|fig|figure|kapitel|abschnitt|firmware|"
    r"driver|treiber|update|patch)\.?|§§?) ?\Z",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"\b(?:ip|ipv4|address|addresses|adresse|host|server|client|from|to|gateway|dns|ping|subnet|netmask|router|login|peer)"
    r"\b[\s:=(\[-]{1,3}(?:(?:is|was|ist|address|adresse|from|at)[\s:=]{1,2}){0,2}\Z",
    re.IGNORECASE,
)


def find_ips(text: str) -> list[Span]:
    """Returns the IP addresses in `text`, without port and prefix length.

    >>> text = "10.0.0.1:8080, fe80::1 and version 1.2.3.4 at 12:30:45"
    >>> [text[start:end] for start, end in find_ips(text)]
    ['10.0.0.1', 'fe80::1']
    """
    found = [match.span() for match in _V4.finditer(text) if _is_v4(match)] if text.count(".") > 2 else []
    if text.count(":") > 1:
        found += [match.span() for match in _V6.finditer(text) if _is_v6(match.group())]
    return sorted(found)


def _is_v4(match: re.Match[str]) -> bool:
    text, start, octets = match.string, match.start(), match.group().split(".")
    if any(int(each) > 255 or (len(each) > 1 and each[0] == "0") for each in octets):
        return False
    if _VERSION.search(text, max(start - 14, 0), start):
        return False
    is_private = octets[0] == "10" or octets[:2] == ["192", "168"]
    return (
        is_private or any(len(each) == 3 for each in octets) or bool(_ANNOUNCED.search(text, max(start - 40, 0), start))
    )


def _is_v6(candidate: str) -> bool:
    """Returns whether a candidate is an address: std::a and 12:30:45 are none."""
    digits = sum(character.isdigit() for character in candidate)
    if not digits or (candidate.count(":") < 3 and not candidate.startswith("::") and len(candidate) < 6):
        return False
    try:
        ipaddress.IPv6Address(candidate)
    except ValueError:
        return False
    return True
