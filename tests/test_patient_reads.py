"""Slow clients are given up; patient ones with a lot to say are not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from backend.patient_reads import Patience, PatientReads


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_has_come_is_delivered(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    reads = PatientReads(ours, Patience())
    theirs.sendall(b"GET /")
    assert reads.recv(3) == b"GET"
    assert reads.recv(10) == b" /"
    theirs.close()
    assert reads.recv(10) == b""
    assert ours.gettimeout() is None


def test_a_silent_client_is_given_up(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    reads = PatientReads(ours, Patience(grace_s=0.05))
    theirs.sendall(b"GE")
    assert reads.recv(10) == b"GE"
    assert reads.recv(10) == b""
    assert reads.recv(10) == b""  # and stays given up
    assert ours.gettimeout() is None
    theirs.sendall(b"T")
    reads.begin()
    assert reads.recv(10) == b"T"


def test_single_bytes_earn_no_time(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    reads = PatientReads(ours, Patience(grace_s=0.05, bytes_per_s=1000.0))
    theirs.sendall(b"x" * 3)
    assert [reads.recv(1) for _ in range(5)] == [b"x", b"x", b"x", b"", b""]


def test_much_received_earns_time_but_no_endless_stall(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    reads = PatientReads(ours, Patience(grace_s=0.01, bytes_per_s=1.0, stall_s=0.05))
    theirs.sendall(b"x" * 10_000)
    assert len(reads.recv(10_000)) == 10_000
    assert reads.recv(1) == b""  # three hours earned, but nothing comes
    theirs.sendall(b"y")
    assert reads.recv(1) == b"y"


def test_a_shorter_timeout_of_the_server_still_counts(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    reads = PatientReads(ends[0], Patience())
    reads.settimeout(0.01)
    assert reads.gettimeout() == 0.01
    with pytest.raises(TimeoutError):
        reads.recv(1)
