"""A real RTSP camera as a fixture; import ``rtsp_camera`` in a conftest to use it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

_PYTHON = "/usr/bin/python3"
_SCRIPT = Path(__file__).with_name("rtsp_server.py")
_NEEDS = "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('Gst', '1.0')"


class RtspCamera:
    """An RTSP server in a process of its own, which can be killed and started again.

    Args:
        credentials: ``name:password`` the camera asks for, empty for none.
    """

    def __init__(self, *, credentials: str = "") -> None:
        self._credentials = credentials
        self._process: subprocess.Popen[str] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Address of the stream, without credentials."""
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        """Start serving; returns when the port listens."""
        command = [_PYTHON, str(_SCRIPT), str(self.port)]
        if self._credentials:
            command += ["--user", self._credentials]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("ready"), f"the RTSP server did not start: {line!r}"

    def kill(self) -> None:
        """Kill the server as a power cut would; idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_rtsp_server() -> None:
    """Skip where GStreamer's RTSP server is missing; fail in strict mode."""
    try:
        found = subprocess.run(
            [_PYTHON, "-c", _NEEDS], capture_output=True, timeout=30, check=False
        )
        missing = found.returncode != 0
    except (OSError, subprocess.TimeoutExpired):
        missing = True
    if missing:
        reason = "GStreamer's RTSP server is missing (apt: python3-gi gir1.2-gst-rtsp-server-1.0)"
        if os.environ.get("CROWDSAFE_TEST_STRICT") == "1":
            pytest.fail(f"strict mode: {reason}", pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def rtsp_camera() -> Iterator[RtspCamera]:
    """A running RTSP camera."""
    require_rtsp_server()
    camera = RtspCamera()
    camera.start()
    try:
        yield camera
    finally:
        camera.kill()


@pytest.fixture
def locked_rtsp_camera() -> Iterator[RtspCamera]:
    """A running RTSP camera that asks for viewer:p@ss/word."""
    require_rtsp_server()
    camera = RtspCamera(credentials="viewer:p@ss/word")
    camera.start()
    try:
        yield camera
    finally:
        camera.kill()
