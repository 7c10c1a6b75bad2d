"""Checks at the moment a source is typed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.errors import InvalidInputError
from backend.vision.sources import SourceLimits, validate_source


@pytest.mark.parametrize(
    ("source_type", "source"),
    [
        (SourceType.RTSP, "rtsp://admin:pw@192.168.1.64:554/Streaming/Channels/101"),
        (SourceType.RTSP, "rtsps://cam.example/live"),
        (SourceType.HTTP, "https://cam.example/live.m3u8?token=x"),
        (SourceType.HTTP, "http://127.0.0.1:8080/video"),
        (SourceType.USB, "0"),
        (SourceType.USB, "/dev/video12"),
        (SourceType.FILE, "clip.mp4"),
        (SourceType.UPLOAD, ""),
    ],
)
def test_accepted(limits: SourceLimits, source_type: SourceType, source: str) -> None:
    (limits.file_folders[0] / "clip.mp4").write_bytes(b"x")
    validate_source(SourceSpec(source_type, source), limits)


@pytest.mark.parametrize(
    ("source_type", "source"),
    [
        (SourceType.RTSP, "http://cam.example/"),
        (SourceType.RTSP, "rtsp://169.254.169.254/"),
        (SourceType.RTSP, "rtsp://"),
        (SourceType.HTTP, "file:///etc/passwd"),
        (SourceType.HTTP, "http://[fe80::1]/"),
        (SourceType.USB, "/etc/passwd"),
        (SourceType.USB, "-1"),
        (SourceType.USB, ""),
        (SourceType.FILE, "/etc/passwd"),
        (SourceType.FILE, "../x.mp4"),
        (SourceType.FILE, "missing.mp4"),
        (SourceType.UPLOAD, "/etc/passwd"),
    ],
)
def test_refused(limits: SourceLimits, source_type: SourceType, source: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate_source(SourceSpec(source_type, source), limits)
    assert caught.value.field == "source"


def test_private_addresses_where_forbidden(limits: SourceLimits) -> None:
    strict = replace(limits, allow_private=False)
    with pytest.raises(InvalidInputError, match="private network"):
        validate_source(SourceSpec(SourceType.RTSP, "rtsp://10.0.0.7/"), strict)


@pytest.mark.parametrize("true_fps", [0.0, -5.0, 1000.0, float("nan"), float("inf")])
def test_true_rate(limits: SourceLimits, true_fps: float) -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate_source(SourceSpec(SourceType.USB, "0", true_fps=true_fps), limits)
    assert caught.value.field == "true_fps"


def test_messages_name_no_folder(limits: SourceLimits, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate_source(SourceSpec(SourceType.FILE, str(tmp_path / "x.mp4")), limits)
    assert str(tmp_path) not in str(caught.value)
