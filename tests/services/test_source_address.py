"""What counts as another source."""

from __future__ import annotations

import pytest

from backend.services.source_address import address_of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rtsp://me:old@10.0.0.7/live/1", "rtsp://you:new@10.0.0.7/live/1"),
        ("rtsp://10.0.0.7/live/1", " RTSP://me@10.0.0.7/live/1 "),
        ("http://cam/video?pwd=a&channel=1", "http://CAM/video?pwd=b&channel=1"),
        ("gate.mp4", "gate.mp4 "),
    ],
)
def test_log_in_data_do_not_count(first: str, second: str) -> None:
    assert address_of(first) == address_of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rtsp://10.0.0.7/live/1", "rtsp://10.0.0.7/live/2"),
        ("rtsp://10.0.0.7/live/1", "rtsp://10.0.0.8/live/1"),
        ("rtsp://10.0.0.7/live/1", "rtsp://10.0.0.7:8554/live/1"),
        ("http://cam/video?channel=1", "http://cam/video?channel=2"),
        ("http://cam/video?channel=", "http://cam/video"),
        ("http://cam/video?key=a", "http://cam/video?key=b"),
        ("http://[broken/1", "http://[broken/2"),
        ("gate.mp4", "Gate.mp4"),
        ("0", "1"),
    ],
)
def test_everything_else_does(first: str, second: str) -> None:
    assert address_of(first) != address_of(second)
