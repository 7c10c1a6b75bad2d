"""Which network addresses a source may be fetched from.

A camera URL is typed in by a person and fetched by the server, so it must not become a way to
read services that trust the server's position: cloud metadata above all. Names are resolved
first and every address they stand for is checked; the connection is then made to a checked
address, not to the name, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import TypeAlias

from backend.core.errors import SourceLostError, SourceRefusedError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_ALWAYS_REFUSED: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "an unspecified address"),
    ("100.100.100.200/32", "a cloud metadata address"),
    ("168.63.129.16/32", "a cloud metadata address"),
    ("169.254.0.0/16", "a link-local or metadata address"),
    ("192.0.0.0/24", "a reserved or metadata address"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),
    ("::/128", "an unspecified address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a site-local address"),
    ("ff00::/8", "a multicast address"),
    ("fd00:ec2::/32", "a cloud metadata address"),
    ("fd20:ce::/32", "a cloud metadata address"),
)
_PRIVATE: tuple[str, ...] = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "::1/128",
    "fc00::/7",
)
_REFUSED_NETWORKS: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(text), what) for text, what in _ALWAYS_REFUSED
)
_PRIVATE_NETWORKS: tuple[Network, ...] = tuple(ipaddress.ip_network(text) for text in _PRIVATE)
_ENDING_IN_IPV4: tuple[ipaddress.IPv6Network, ...] = tuple(
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96")  # NAT64, local NAT64, SIIT
)
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def embedded_addresses(address: Address) -> tuple[Address, ...]:
    """Return ``address`` and every IPv4 address hidden in it.

    IPv4-mapped, -compatible, -translated, NAT64, 6to4 and Teredo addresses lead to an IPv4 host, so
    the ban on that host must hold for them too.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    hidden: list[Address] = [address]
    if address.ipv4_mapped is not None:
        hidden.append(address.ipv4_mapped)
    if address.sixtofour is not None:
        hidden.append(address.sixtofour)
    if address.teredo is not None:
        hidden.extend(address.teredo)
    ends_in_ipv4 = any(address in network for network in _ENDING_IN_IPV4)
    if ends_in_ipv4 or (address in _COMPATIBLE and int(address) > 1):
        hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(hidden)


def _is_in(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def is_private(address: Address) -> bool:
    """Whether ``address`` belongs to a local network or this machine."""
    return any(
        _is_in(hidden, network)
        for hidden in embedded_addresses(address)
        for network in _PRIVATE_NETWORKS
    )


def check_address(address: Address, *, allow_private: bool) -> None:
    """Refuse an address no source may be fetched from.

    Raises:
        SourceRefusedError: link-local, metadata, multicast, unspecified or reserved address;
            a private one where ``allow_private`` is False.
    """
    for hidden in embedded_addresses(address):
        for network, what in _REFUSED_NETWORKS:
            if _is_in(hidden, network):
                raise SourceRefusedError(
                    f"The address {address} is {what}; no video source may be read from there."
                )
    if not allow_private and is_private(address):
        raise SourceRefusedError(
            f"The address {address} belongs to a private network. "
            "An administrator can allow such sources (CROWDSAFE_ALLOW_PRIVATE_SOURCES=true)."
        )


def literal_address(host: str) -> Address | None:
    """Return ``host`` as an address if it is one in standard notation, else None."""
    try:
        return ipaddress.ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return None


def resolve_checked(
    host: str, port: int, *, allow_private: bool, timeout_s: float
) -> tuple[Address, ...]:
    """Resolve ``host`` and check every address it stands for.

    Returns:
        Checked addresses in the resolver's order of preference, at least one. Connect to
        these, not to the name.

    Raises:
        SourceRefusedError: one of the addresses is forbidden (see `check_address`).
        SourceLostError: the name is unknown or was not resolved within ``timeout_s`` seconds.
    """
    literal = literal_address(host)
    found = (literal,) if literal is not None else _look_up(host, port, timeout_s)
    for address in found:
        check_address(address, allow_private=allow_private)
    return found


def _look_up(host: str, port: int, timeout_s: float) -> tuple[Address, ...]:
    """Ask the system's resolver in a thread of its own: getaddrinfo knows no timeout."""
    answers: list[tuple[Address, ...]] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        addresses = (ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found)
        answers.append(tuple(dict.fromkeys(addresses)))

    # A daemon, because the resolver may outlast the timeout by its own retries.
    asking = threading.Thread(target=ask, name="resolve-host", daemon=True)
    asking.start()
    asking.join(timeout_s)
    if asking.is_alive():
        raise SourceLostError(f"The name {host} was not resolved within {timeout_s:.0f} s.")
    if not answers or not answers[0]:
        raise SourceLostError(f"The name {host} is not known to this network's name server.")
    return answers[0]
