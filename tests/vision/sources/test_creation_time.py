"""When a recording says it was made."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import pytest

from backend.vision.sources.base import SourceLimits
from backend.vision.sources.creation_time import parse_stated_time, read_creation_time
from tests.builders import image, write_video


def stamped(path: Path, stated: str) -> Path:
    """Write a tiny video whose container carries a creation time."""
    with av.open(str(path), "w") as container:
        container.metadata["creation_time"] = stated
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = av.VideoFrame.from_ndarray(image(width=64, height=48), format="bgr24")
        for packet in (*stream.encode(picture), *stream.encode(None)):
            container.mux(packet)
    return path


@pytest.fixture
def limits(tmp_path: Path) -> SourceLimits:
    return SourceLimits(file_folders=(), upload_folder=tmp_path)


def test_the_containers_time_is_read_as_utc(tmp_path: Path, limits: SourceLimits) -> None:
    path = stamped(tmp_path / "a.mp4", "2024-05-01T12:00:00+02:00")
    assert read_creation_time(path, limits=limits) == datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_no_time_no_video_and_other_folders_give_none(tmp_path: Path, limits: SourceLimits) -> None:
    assert read_creation_time(write_video(tmp_path / "b.mp4", frames=2), limits=limits) is None
    broken = tmp_path / "c.mp4"
    broken.write_bytes(b"no video")
    assert read_creation_time(broken, limits=limits) is None
    assert read_creation_time(tmp_path / "missing.mp4", limits=limits) is None
    assert read_creation_time(Path("/etc/passwd"), limits=limits) is None


def test_stated_times() -> None:
    assert parse_stated_time("2024-05-01 10:00:00") == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert parse_stated_time("") is None
    assert parse_stated_time("0000-00-00T00:00:00Z") is None
    assert parse_stated_time("0001-01-01T00:00:00+14:00") is None
