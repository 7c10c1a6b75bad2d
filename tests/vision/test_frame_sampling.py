"""Evenly spread pictures, and keeping them without loss."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from backend.core.camera import SourceInfo
from backend.core.errors import SourceEnded
from backend.core.frame import Frame
from backend.vision.frame_sampling import KeptPictures, sample_file, sample_live
from tests.builders import frame


class FixedSource:
    """Delivers frames whose index stands in their first pixel (see `FrameSource`)."""

    def __init__(self, frames: int, *, told: int | None, rate_hz: float = 10.0) -> None:
        self.info = SourceInfo(32, 24, rate_hz, None, told, "raw", "test")
        self.dropped_frames, self.decode_ms = 0, 0.0
        self.wanted_rate_hz: float | None = None
        self._left = frames
        self._rate_hz = rate_hz
        self._at = 0

    def open(self) -> None:
        pass

    def read(self, timeout_s: float) -> Frame | None:
        del timeout_s
        if self._at == self._left:
            raise SourceEnded("over")
        made = frame(index=self._at, width=32, height=24)
        picture = made.image.copy()
        picture[0, 0] = self._at
        self._at += 1
        return Frame(
            index=made.index,
            image=picture,
            stream_time_s=made.index / self._rate_hz,
            segment=0,
            captured_at=made.captured_at,
            captured_mono_s=made.index / self._rate_hz,
        )

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        self.wanted_rate_hz = rate_hz

    def close(self) -> None:
        pass


def _indices(found: list) -> list[int]:
    return [int(sample.image[0, 0, 0]) for sample in found]


def test_a_file_is_sampled_evenly_to_its_end() -> None:
    found = list(sample_file(FixedSource(20, told=20), 5, stop=threading.Event()))
    assert _indices(found) == [3, 7, 11, 15, 19]
    assert [sample.share for sample in found] == [0.0, 0.2, 0.4, 0.6, 0.8]


def test_a_short_file_gives_all_it_has() -> None:
    found = list(sample_file(FixedSource(4, told=4), 100, stop=threading.Event()))
    assert _indices(found) == [0, 1, 2, 3]
    assert found[-1].share == 0.75


def test_a_file_that_promised_more_ends_early() -> None:
    found = list(sample_file(FixedSource(10, told=100), 10, stop=threading.Event()))
    assert _indices(found) == [9]


def test_a_file_of_unknown_length_gives_every_tenth() -> None:
    found = list(sample_file(FixedSource(30, told=None), 2, stop=threading.Event()))
    assert _indices(found) == [9, 19]


def test_live_pictures_lie_apart() -> None:
    source = FixedSource(100, told=None)
    found = list(sample_live(source, 4, interval_s=1.0, stop=threading.Event()))
    assert _indices(found) == [0, 10, 20, 30]
    assert source.wanted_rate_hz == 1.0


def test_stop_ends_it() -> None:
    stop = threading.Event()
    stop.set()
    assert list(sample_live(FixedSource(9, told=None), 4, interval_s=0.0, stop=stop)) == []


def test_kept_pictures_come_back_bit_for_bit(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (24, 32, 3), np.uint8)
    kept = KeptPictures(tmp_path)
    kept.add(noise)
    kept.add(255 - noise)
    assert len(kept) == 2
    assert (kept[0] == noise).all() and (kept[1] == 255 - noise).all()
    assert len(list(kept)) == 2
    with pytest.raises(IndexError):
        kept[2]
