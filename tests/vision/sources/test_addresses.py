"""Addresses a source may and may not be fetched from."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import SourceLostError, SourceRefusedError
from backend.vision.sources.addresses import check_address, is_private, resolve_checked

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "fe80::1",
    "febf::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "::ffff:0:169.254.169.254",
    "2002:a9fe:a9fe::1",
    "::ffff:0.0.0.0",
]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.64",
    "100.64.0.1",
    "::1",
    "fd12:3456::1",
    "::ffff:192.168.1.64",
    "64:ff9b::a00:1",
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "172.32.0.1", "2606:2800:220:1::1", "100.128.0.1"]


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("allow_private", [True, False])
def test_forbidden_whatever_is_allowed(text: str, allow_private: bool) -> None:
    with pytest.raises(SourceRefusedError, match="no video source"):
        check_address(ipaddress.ip_address(text), allow_private=allow_private)


@pytest.mark.parametrize("text", PRIVATE)
def test_private_only_where_allowed(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert is_private(address)
    check_address(address, allow_private=True)
    with pytest.raises(SourceRefusedError, match="private network"):
        check_address(address, allow_private=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    check_address(ipaddress.ip_address(text), allow_private=False)


@given(st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_disguise_helps_link_local(address: ipaddress.IPv4Address) -> None:
    for disguise in (
        ipaddress.IPv6Address((0xFFFF << 32) | int(address)),
        ipaddress.IPv6Address((0x64FF9B << 96) | int(address)),
        ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80)),
        ipaddress.IPv6Address((0xFFFF << 48) | int(address)),
        ipaddress.IPv6Address((0x64FF9B0001 << 80) | int(address)),
    ):
        with pytest.raises(SourceRefusedError):
            check_address(disguise, allow_private=True)


@pytest.mark.parametrize(
    "host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"]
)
def test_numbers_in_other_notations(host: str) -> None:
    with pytest.raises(SourceRefusedError):
        resolve_checked(host, 80, allow_private=True, timeout_s=5.0)


@pytest.mark.parametrize("host", ["fe80::1%eth0", "169.254.169.254"])
def test_literals_need_no_name_server(host: str) -> None:
    with pytest.raises(SourceRefusedError):
        resolve_checked(host, 80, allow_private=True, timeout_s=0.0)


def test_a_name_stands_for_its_addresses() -> None:
    found = resolve_checked("localhost", 80, allow_private=True, timeout_s=5.0)
    assert found
    assert all(address.is_loopback for address in found)
    with pytest.raises(SourceRefusedError):
        resolve_checked("localhost", 80, allow_private=False, timeout_s=5.0)


def test_an_unknown_name() -> None:
    with pytest.raises(SourceLostError, match="not known"):
        resolve_checked("no-such-host.invalid", 80, allow_private=True, timeout_s=10.0)
