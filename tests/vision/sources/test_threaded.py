"""Life of a source: opening, closing, and nothing left behind."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any

import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceError, SourceLostError
from backend.vision.sources import (
    SourceLimits,
    SourceStart,
    make_source,
    probe_source,
    probe_upload,
)
from tests.fixtures_rtsp import RtspCamera
from tests.vision.sources.clips import even_times, jpeg, write_clip
from tests.vision.sources.reading import open_handles, python_threads, read_all, read_some
from tests.vision.sources.web import WebServer, content, mjpeg

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc here")


def settle() -> tuple[int, int]:
    gc.collect()
    return open_handles()


@needs_proc
def test_uploads_leave_nothing_behind(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(limits.upload_folder / "clip.mp4", times_s=even_times(60, 25))
    bad = limits.upload_folder / "bad.mp4"
    bad.write_bytes(path.read_bytes()[:-600])
    read_all(open_source(SourceType.UPLOAD, path))
    before = settle()
    for turn in range(6):
        source = open_source(SourceType.UPLOAD, path)
        read_some(source, 1 + turn)
        source.close()
        with pytest.raises(SourceError):
            open_source(SourceType.UPLOAD, bad)
        probe_upload(path, limits=limits)
    assert python_threads() == set()
    assert settle() == before


@needs_proc
def test_looping_files_leave_nothing_behind(open_source: Any, limits: SourceLimits) -> None:
    write_clip(limits.file_folders[0] / "loop.mp4", times_s=even_times(3, 100))
    open_source(SourceType.FILE, "loop.mp4").close()
    before = settle()
    source = open_source(SourceType.FILE, "loop.mp4", loop=True)
    while read_some(source, 1)[0].segment < 10:
        pass
    source.close()
    assert settle() == before


@needs_proc
def test_streams_leave_nothing_behind(open_source: Any, web: WebServer, tmp_path: Path) -> None:
    segment = write_clip(tmp_path / "a.ts", times_s=even_times(25, 25)).read_bytes()
    web.routes["/a.ts"] = content(segment, "video/mp2t")
    web.routes["/index.m3u8"] = content(
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXTINF:1,\na.ts\n",
        "application/vnd.apple.mpegurl",
    )
    web.routes["/cam"] = mjpeg(web, jpeg, count=3, fps=100)
    for round_ in range(4):
        for path in ("/cam", "/index.m3u8"):
            source = open_source(SourceType.HTTP, web.url(path))
            read_some(source, 2)
            source.close()
        assert python_threads() == set()
        descriptors = client_handles(web)
        if round_ == 0:
            first = descriptors
    assert descriptors <= first


def client_handles(web: WebServer) -> int:
    """Count connections to the server that this process still holds open as a client."""
    gc.collect()
    wanted = f"0100007F:{web.port:04X}"
    rows = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    established = "01"
    return sum(1 for row in rows if row.split()[2] == wanted and row.split()[3] == established)


@pytest.mark.service
@needs_proc
def test_rtsp_leaves_nothing_behind(open_source: Any, rtsp_camera: RtspCamera) -> None:
    open_source(SourceType.RTSP, rtsp_camera.url).close()
    before = settle()
    for _ in range(3):
        source = open_source(SourceType.RTSP, rtsp_camera.url)
        read_some(source, 2)
        source.close()
        with pytest.raises(SourceError):
            open_source(SourceType.RTSP, f"rtsp://127.0.0.1:{rtsp_camera.port}/missing")
    assert python_threads() == set()
    assert settle() == before


def test_close_is_idempotent_and_wakes_a_reader(open_source: Any, limits: SourceLimits) -> None:
    write_clip(limits.file_folders[0] / "slow.mp4", times_s=[0.0, 30.0, 60.0, 90.0])
    source = open_source(SourceType.FILE, "slow.mp4")
    read_some(source, 1)
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(source.read(60.0)), name="test-reader")
    reader.start()
    source.close()
    source.close()
    reader.join(2)
    assert got == [None]


def test_a_source_is_opened_once(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(limits.upload_folder / "clip.mp4", times_s=even_times(5, 25))
    source = open_source(SourceType.UPLOAD, path)
    with pytest.raises(SourceLostError, match="only once"):
        source.open()


def test_closing_before_opening(limits: SourceLimits) -> None:
    source = make_source(
        SourceSpec(SourceType.UPLOAD, "x.mp4"),
        limits=limits,
        clock=SystemClock(),
        start=SourceStart(),
    )
    with pytest.raises(SourceLostError):
        _ = source.info
    source.close()
    with pytest.raises(SourceLostError):
        source.open()


def test_decoding_time_is_told(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(limits.upload_folder / "clip.mp4", times_s=even_times(5, 25))
    source = open_source(SourceType.UPLOAD, path)
    read_some(source, 2)
    assert 0 < source.decode_ms < 1000


def test_probe_of_a_file_shows_its_first_frame(limits: SourceLimits) -> None:
    write_clip(limits.file_folders[0] / "cam.mp4", times_s=even_times(20, 25))
    result = probe_source(
        SourceSpec(SourceType.FILE, "cam.mp4"), limits=limits, clock=SystemClock()
    )
    assert result.first_frame.shape == (48, 64, 3)
    assert result.frame_rate_hz == pytest.approx(25, rel=0.1)


@pytest.mark.parametrize("source", ["9", "/dev/video9"])
def test_a_usb_camera_that_is_not_there(open_source: Any, source: str) -> None:
    if Path("/dev/video9").exists():
        pytest.skip("this machine has ten cameras")
    with pytest.raises(SourceLostError, match="USB camera 9 is not there"):
        open_source(SourceType.USB, source)
