"""What is wanted, what is analysed, and what follows from the difference."""

from __future__ import annotations

import dataclasses

import pytest

from backend.core.camera import SourceType
from backend.core.snapshot import CameraLoad
from backend.pipeline.load_watch import HINT_MARGIN, MAX_SHED_INTERVAL_S, LoadWatch
from backend.vision.inference.scheduler import Rivals
from tests import builders
from tests.pipeline.fakes import info

NOBODY = Rivals()


class Camera:
    """A camera of 25 frames a second of which some are analysed."""

    def __init__(
        self,
        *,
        target_fps: float | None = None,
        nominal_fps: float | None = 25.0,
        source_type: SourceType = SourceType.RTSP,
    ) -> None:
        config = dataclasses.replace(
            builders.camera_config(source_type=source_type), target_fps=target_fps
        )
        self.watch = LoadWatch(config)
        self.now_s = 0.0
        self.hints: list[float | None] = []
        self.source_hz = 25.0
        self.watch.connected(info(nominal_fps=nominal_fps))

    def run(self, rate_hz: float, *, seconds: float = 10.0) -> CameraLoad | None:
        """Analyse ``rate_hz`` frames a second for a while."""
        for _ in range(round(seconds * rate_hz)):
            self.now_s += 1 / rate_hz
            if self.watch.hint_is_due(self.now_s):
                self.hints.append(self.watch.hint_hz)
            index = int(self.now_s * self.source_hz)
            self.watch.took(builders.frame(index=index, captured_mono_s=self.now_s))
            self.watch.analysed(self.now_s)
        return self.load()

    def load(self, rivals: Rivals = NOBODY) -> CameraLoad | None:
        return self.watch.load(self.now_s, rivals, 0.1)


def test_a_camera_that_keeps_up_lacks_nothing() -> None:
    camera = Camera()
    load = camera.run(24.0)
    assert load is not None
    assert (load.wanted_hz, load.shed_share, load.reason) == (pytest.approx(25.0, rel=0.02), 0, "")
    assert load.analysed_hz == pytest.approx(24.0, rel=0.02)
    assert camera.hints == []
    assert camera.watch.planned_interval_s(camera.now_s) is None


def test_what_is_left_out_is_counted_planned_and_told_to_the_source() -> None:
    camera = Camera()
    camera.run(5.0)
    load = camera.load()
    assert load is not None
    assert load.shed_share == pytest.approx(0.8, abs=0.02)
    assert load.is_short
    assert camera.hints == [pytest.approx(HINT_MARGIN * 5.0, rel=0.1)]
    assert camera.watch.planned_interval_s(camera.now_s) == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("rivals", "words"),
    [
        (Rivals(live=4, riskier=2), "2 riskier cameras"),
        (Rivals(live=4, riskier=1), "1 riskier camera."),
        (Rivals(live=3), "3 other cameras"),
        (Rivals(recorded=1), "recordings"),
        (Rivals(), "model takes longer"),
    ],
)
def test_the_reason_names_who_needs_the_processor(rivals: Rivals, words: str) -> None:
    camera = Camera()
    camera.run(5.0)
    load = camera.load(rivals)
    assert load is not None
    assert words in load.reason


def test_it_is_short_until_it_clearly_is_not() -> None:
    camera = Camera()
    camera.run(25.0 * 0.85)
    assert not camera.watch.is_short
    camera.run(25.0 * 0.7)
    assert camera.watch.is_short
    camera.run(25.0 * 0.85)
    assert camera.watch.is_short
    camera.run(25.0 * 0.97)
    assert not camera.watch.is_short
    assert camera.hints[-1] is None


def test_a_target_rate_is_told_at_once_and_is_what_is_wanted() -> None:
    camera = Camera(target_fps=5.0)
    load = camera.run(5.0)
    assert camera.hints == [10.0], "the newest picture is then at most half an interval old"
    assert load is not None
    assert (load.wanted_hz, load.shed_share) == (5.0, 0.0)
    assert camera.watch.planned_interval_s(camera.now_s) == 0.2
    camera.run(1.0)
    assert camera.watch.is_short
    assert camera.watch.planned_interval_s(camera.now_s) == pytest.approx(1.0, rel=0.05)


def test_a_low_target_may_be_met_by_key_pictures_alone() -> None:
    camera = Camera(target_fps=1.0)
    camera.run(1.0)
    assert camera.hints == [1.0]


def test_only_so_much_counts_as_planned() -> None:
    camera = Camera()
    camera.run(0.5, seconds=20)
    assert camera.watch.planned_interval_s(camera.now_s) == pytest.approx(2.0, rel=0.05)
    camera.run(0.2, seconds=40)
    planned_s = camera.watch.planned_interval_s(camera.now_s)
    assert planned_s is None or planned_s <= MAX_SHED_INTERVAL_S


def test_a_source_that_sends_less_than_it_declares_is_not_overload() -> None:
    camera = Camera()
    camera.source_hz = 12.5
    camera.run(12.5, seconds=20)
    assert not camera.watch.is_short
    load = camera.load()
    assert load is not None
    assert load.wanted_hz == pytest.approx(12.5, rel=0.1)


def test_an_undeclared_rate_is_measured() -> None:
    camera = Camera(nominal_fps=None)
    assert camera.watch.wanted_hz is None
    assert camera.watch.frame_gap_s == 0.0
    camera.run(5.0)
    assert camera.watch.wanted_hz == pytest.approx(25.0, rel=0.05)
    assert camera.watch.frame_gap_s == pytest.approx(1.2 / 25, rel=0.05)


def test_a_reconnect_forgets_what_was_measured() -> None:
    camera = Camera()
    camera.run(5.0)
    assert camera.watch.is_short
    camera.watch.connected(info())
    assert not camera.watch.is_short
    load = camera.load()
    assert load is not None
    assert load.analysed_hz is None


def test_a_recording_is_never_short() -> None:
    camera = Camera(source_type=SourceType.UPLOAD)
    assert camera.run(5.0) is None
    assert camera.hints == []
