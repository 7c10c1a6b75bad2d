"""Guards and fixtures for every test: no network, no leaked threads, a clean environment."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.builders import ManualClock

STRICT = os.environ.get("CROWDSAFE_TEST_STRICT") == "1"
ASSETS = os.environ.get("CROWDSAFE_TEST_ASSETS")

# Properties are tried on the same examples everywhere, and no slow machine fails one.
settings.register_profile("crowdsafe", derandomize=True, deadline=None)
settings.load_profile("crowdsafe")

# Threads that libraries keep for the life of the process, by name prefix.
_LIBRARY_THREADS = ("asyncio_", "ThreadPoolExecutor", "pydev", "OpenVINO", "raylet", "Thread-")
_JOIN_GRACE_S = 3.0


# Files that take longest, longest first: `make test` hands whole files to one worker per core,
# and a long one begun last would leave the others idle. The first runs a real process against
# the clock and the second keeps one core busy, so that two workers never run two such processes.
_LONGEST_FILES = (
    "tests/e2e/test_main_job.py",
    "tests/reference/test_scenes.py",
    "tests/browser/test_in_browser.py",
    "tests/browser/test_places.py",
    "tests/vision/test_saturation.py",
    "tests/reference/test_tracks_to_risk.py",
    "tests/test_app.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Beside other workers the longest files begin first; alone the order is the usual one."""
    if not hasattr(config, "workerinput"):
        return
    rank = {name: number for number, name in enumerate(_LONGEST_FILES)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def unavailable(reason: str) -> None:
    """Skip the test with ``reason``; in strict mode a missing service or asset is a failure."""
    if STRICT:
        pytest.fail(f"strict mode: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own configuration out of the tests."""
    for name in list(os.environ):
        if name.startswith(
            ("CROWDSAFE_", "YOLO_MODEL", "YOLO_CLASSES", "INFERENCE_", "DENSITY_", "TELEGRAM_",
             "DATABASE_URL", "REDIS_URL")
        ):  # fmt: skip
            if name in {"CROWDSAFE_TEST_STRICT", "CROWDSAFE_TEST_ASSETS"}:
                continue
            monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections that leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            local = host == "localhost" or ipaddress.ip_address(host).is_loopback
            if not local:
                raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves one of the project's threads running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _JOIN_GRACE_S
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith(_LIBRARY_THREADS):
            continue
        thread.join(max(deadline - time.monotonic(), 0))
        assert not thread.is_alive(), f"thread {thread.name} was left running"


@pytest.fixture
def manual_clock() -> ManualClock:
    """A clock that moves only when told."""
    return ManualClock()


@pytest.fixture(scope="session")
def assets() -> Path:
    """Folder with models/, videos/ and data/ (CROWDSAFE_TEST_ASSETS)."""
    if not ASSETS:
        unavailable("CROWDSAFE_TEST_ASSETS is not set: real videos and weights are not at hand")
    folder = Path(str(ASSETS)).resolve()
    if not (folder / "videos").is_dir():
        unavailable(f"CROWDSAFE_TEST_ASSETS: no videos/ in {folder}")
    return folder
