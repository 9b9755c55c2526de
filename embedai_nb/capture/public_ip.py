"""Tell public IP addresses from private and special-purpose ones: links in issues may lead to public ones only.

``ipaddress.is_private`` and ``is_global`` are no help: their results changed between releases of Python, and they
ignore IPv4 addresses embedded in IPv6 ones.  So every range that isn't public is listed here, after IANA's registries
of special-purpose addresses (RFC 6890): iana.org/assignments/iana-ipv4-special-registry and -ipv6-.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",
            "100.64.0.0/10",  # between a provider and its customers
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; metadata of cloud machines
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",  # documentation, as 198.51.100.0 and 203.0.113.0
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved; broadcast
        ),
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
"""The only allocated part of IPv6: loopback, mapped and compatible IPv4, NAT64 and local ones all lie outside."""
NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which holds an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")
"""Precede an embedded IPv4 address in the last eight bytes, RFC 5214."""


def is_public(address: str) -> bool:
    """Whether a numeric address, as returned by a resolver, is on the public internet."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in NOT_PUBLIC_4)
    special = found.scope_id is not None or found.packed[8:12] in ISATAP
    return found in GLOBAL_6 and not special and not any(found in network for network in NOT_PUBLIC_6)


def resolve_host(host: str, port: int) -> list[tuple[str, int]]:
    """Resolve a host by the system, which also reads ``0x7f.1`` and ``2130706433`` as IPv4 addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(place[0]), int(place[1])) for *_, place in found]
