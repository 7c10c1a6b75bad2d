"""RTSP against a real server, and against ones that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceError, SourceLostError, SourceRefusedError
from backend.vision.sources import SourceLimits, SourceStart, probe_source
from tests.fixtures_rtsp import RtspCamera
from tests.vision.sources.certificates import self_signed_context
from tests.vision.sources.reading import read_some

RTSP = SourceType.RTSP
Script = Callable[[socket.socket], None]


def failure(open_source: Any, url: str, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_source(RTSP, url, **options)
    return caught.value


@pytest.mark.service
def test_a_camera_that_is_killed_and_comes_back(
    open_source: Any, rtsp_camera: RtspCamera, limits: SourceLimits
) -> None:
    source = open_source(RTSP, rtsp_camera.url)
    assert (source.info.width, source.info.height, source.info.codec) == (320, 240, "h264")
    frames = read_some(source, 20)
    assert (np.diff([frame.stream_time_s for frame in frames]) > 0).all()
    assert (np.diff([frame.index for frame in frames]) > 0).all()

    rtsp_camera.kill()
    killed_s = time.monotonic()
    with pytest.raises(SourceLostError):
        while True:
            source.read(0.2)
    assert time.monotonic() - killed_s < limits.read_timeout_s + 1
    source.close()
    assert isinstance(failure(open_source, rtsp_camera.url), SourceLostError)

    rtsp_camera.start()
    start = SourceStart(first_index=frames[-1].index + 1, segment=1)
    again = read_some(open_source(RTSP, rtsp_camera.url, start=start), 5)
    assert again[0].segment == 1
    assert again[0].index >= frames[-1].index + 1
    assert again[0].stream_time_s < 3.0


@pytest.mark.service
def test_newest_frame_wins(open_source: Any, rtsp_camera: RtspCamera) -> None:
    source = open_source(RTSP, rtsp_camera.url)
    read_some(source, 5)
    waited = threading.Event()
    waited.wait(0.5)
    late, after = read_some(source, 2)
    assert source.dropped_frames > 5
    assert after.index == late.index + 1
    age_s = time.monotonic() - late.captured_mono_s
    assert age_s < 0.3


@pytest.mark.service
def test_probe_measures_the_rate(rtsp_camera: RtspCamera, limits: SourceLimits) -> None:
    result = probe_source(SourceSpec(RTSP, rtsp_camera.url), limits=limits, clock=SystemClock())
    assert result.first_frame.shape == (240, 320, 3)
    assert result.info.codec == "h264"
    assert result.frame_rate_hz == pytest.approx(25, rel=0.15)


@pytest.mark.service
def test_password(open_source: Any, locked_rtsp_camera: RtspCamera) -> None:
    port = locked_rtsp_camera.port
    good = f"rtsp://viewer:{quote('p@ss/word', safe='')}@127.0.0.1:{port}/cam"
    assert read_some(open_source(RTSP, good), 2)
    for userinfo in ("", "viewer:wrong@"):
        error = failure(open_source, f"rtsp://{userinfo}127.0.0.1:{port}/cam")
        assert isinstance(error, SourceRefusedError)
        assert "user name or password" in str(error)
        assert "wrong" not in str(error)


@pytest.mark.service
def test_a_path_that_is_not_there(open_source: Any, rtsp_camera: RtspCamera) -> None:
    error = failure(open_source, f"rtsp://127.0.0.1:{rtsp_camera.port}/other")
    assert isinstance(error, SourceLostError)
    assert "404" in str(error)


@pytest.fixture
def rtsp_script() -> Iterator[Callable[[Script], int]]:
    """Servers that answer as a script says; returns their port."""
    stop = threading.Event()
    opened: list[tuple[socket.socket, threading.Thread]] = []

    def serve(script: Script) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.2)

        def run() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        script(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=run, name="test-rtsp")
        thread.start()
        opened.append((listener, thread))
        return int(listener.getsockname()[1])

    yield serve
    stop.set()
    for listener, thread in opened:
        thread.join()
        listener.close()


def read_request(connection: socket.socket) -> str:
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        more = connection.recv(4096)
        if not more:
            break
        text += more
    return text.decode()


def redirecting(location: str, *, pieces: int = 1, header: str = "Location") -> Script:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        answer = f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\n{header}: {location}\r\n\r\n".encode()
        size = -(-len(answer) // pieces)
        for begin in range(0, len(answer), size):
            connection.sendall(answer[begin : begin + size])
            threading.Event().wait(0.01 if pieces > 1 else 0)
        connection.recv(4096)

    return script


@pytest.mark.service
def test_a_redirect_is_followed(
    open_source: Any, rtsp_camera: RtspCamera, rtsp_script: Callable[[Script], int]
) -> None:
    port = rtsp_script(redirecting(rtsp_camera.url))
    assert read_some(open_source(RTSP, f"rtsp://127.0.0.1:{port}/moved"), 2)


@pytest.mark.parametrize(
    "location",
    [
        "rtsp://169.254.169.254/latest",
        "rtsp://[fe80::1]/",
        "rtsp://0.0.0.0/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "",
    ],
)
@pytest.mark.parametrize(
    ("pieces", "header"), [(1, "Location"), (30, "location"), (1, "Loca\rtion")]
)
def test_redirects_to_forbidden_places(
    open_source: Any,
    rtsp_script: Callable[[Script], int],
    location: str,
    pieces: int,
    header: str,
) -> None:
    port = rtsp_script(redirecting(location, pieces=pieces, header=header))
    error = failure(open_source, f"rtsp://127.0.0.1:{port}/cam")
    assert isinstance(error, SourceRefusedError)


def test_a_redirect_never_reaches_its_target_unchecked(
    open_source: Any, rtsp_script: Callable[[Script], int], limits: SourceLimits
) -> None:
    reached = threading.Event()

    def inner(connection: socket.socket) -> None:
        if "127.0.0.1" in read_request(connection):
            reached.set()

    target = rtsp_script(inner)
    # An http address in disguise: another protocol on a server of the inner network.
    port = rtsp_script(redirecting(f"http://127.0.0.1:{target}/"))
    failure(open_source, f"rtsp://127.0.0.1:{port}/cam")
    assert not reached.is_set()


def test_encrypted_rtsp_is_decrypted_and_watched(
    open_source: Any, rtsp_script: Callable[[Script], int], tmp_path: Path
) -> None:
    context = self_signed_context(tmp_path)

    def encrypted(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            redirecting("rtsp://169.254.169.254/")(wrapped)

    error = failure(open_source, f"rtsps://127.0.0.1:{rtsp_script(encrypted)}/cam")
    assert isinstance(error, SourceRefusedError)
    assert "169.254.169.254" in str(error)


def test_redirects_without_end(open_source: Any, rtsp_script: Callable[[Script], int]) -> None:
    ports: list[int] = []

    def script(connection: socket.socket) -> None:
        redirecting(f"rtsp://127.0.0.1:{ports[0]}/again")(connection)

    ports.append(rtsp_script(script))
    error = failure(open_source, f"rtsp://127.0.0.1:{ports[0]}/cam")
    assert "redirects more than 5 times" in str(error)


def test_a_server_that_says_nothing(
    open_source: Any, rtsp_script: Callable[[Script], int], limits: SourceLimits
) -> None:
    def silent(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    port = rtsp_script(silent)
    began_s = time.monotonic()
    quick = replace(limits, open_timeout_s=1.0)
    error = failure(open_source, f"rtsp://127.0.0.1:{port}/cam", limits=quick)
    assert isinstance(error, SourceLostError)
    assert "did not answer" in str(error)
    assert time.monotonic() - began_s < 4


def test_something_else_listens(open_source: Any, rtsp_script: Callable[[Script], int]) -> None:
    def web(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    port = rtsp_script(web)
    assert isinstance(failure(open_source, f"rtsp://127.0.0.1:{port}/cam"), SourceLostError)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])
def test_forbidden_addresses(open_source: Any, host: str) -> None:
    assert isinstance(failure(open_source, f"rtsp://{host}/cam"), SourceRefusedError)


def test_an_unknown_name_may_become_known(open_source: Any) -> None:
    error = failure(open_source, "rtsp://no-such-camera.invalid/cam")
    assert isinstance(error, SourceLostError)
    assert "no-such-camera.invalid" in str(error)
