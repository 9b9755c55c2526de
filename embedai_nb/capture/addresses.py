"""Which network addresses strangers' links may lead to: those of the public internet, and no others.

``ipaddress.is_private`` and ``is_global`` are no help: what they say changed between releases of Python, and they know
nothing of IPv4 addresses that are packed into IPv6 ones.  So all but the public ranges is named here, after IANA's
registries of special-purpose addresses (RFC 6890): iana.org/assignments/iana-ipv4-special-registry and -ipv6-.
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
"""The only part of IPv6 that is given out: loopback, mapped and compatible IPv4, NAT64, local ones all lie outside."""
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
"""What stands before an IPv4 address in the last eight bytes, RFC 5214."""


def is_public(address: str) -> bool:
    """Whether a numeric address, as a resolver returns it, belongs to the public internet."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in NOT_PUBLIC_4)
    special = found.scope_id is not None or found.packed[8:12] in ISATAP
    return found in GLOBAL_6 and not special and not any(found in network for network in NOT_PUBLIC_6)


def system_addresses(host: str, port: int) -> list[tuple[str, int]]:
    """Where the system says that ``host`` is; it knows ``0x7f.1`` and ``2130706433`` for what they are."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(place[0]), int(place[1])) for *_, place in found]
