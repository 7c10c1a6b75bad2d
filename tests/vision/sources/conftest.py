"""Fixtures of the source tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock, SystemClock
from backend.vision.sources import FrameSource, SourceLimits, SourceStart, make_source
from tests.fixtures_rtsp import locked_rtsp_camera, rtsp_camera
from tests.vision.sources.web import WebServer, web_server

__all__ = ["locked_rtsp_camera", "rtsp_camera"]

OpenSource = Callable[..., FrameSource]


@pytest.fixture
def limits(tmp_path: Path) -> SourceLimits:
    """Short timeouts, one folder for files and one for uploads."""
    files, uploads = tmp_path / "videos", tmp_path / "uploads"
    files.mkdir()
    uploads.mkdir()
    return SourceLimits(
        file_folders=(files,), upload_folder=uploads, open_timeout_s=5.0, read_timeout_s=1.0
    )


@pytest.fixture
def open_source(limits: SourceLimits) -> Iterator[OpenSource]:
    """Make and open sources; every one is closed at the end."""
    sources: list[FrameSource] = []

    def make(
        source_type: SourceType,
        source: str | Path,
        *,
        true_fps: float | None = None,
        loop: bool = False,
        start: SourceStart | None = None,
        limits: SourceLimits = limits,
        clock: Clock | None = None,
    ) -> FrameSource:
        made = make_source(
            SourceSpec(source_type, str(source), true_fps=true_fps, loop=loop),
            limits=limits,
            clock=clock or SystemClock(),
            start=start or SourceStart(),
        )
        sources.append(made)
        made.open()
        return made

    yield make
    for source in sources:
        source.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on loopback."""
    with web_server() as server:
        yield server
