"""Real sources, network, tracker, analyser and risk on the clips everybody knows."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.camera import CameraConfig, JobState, SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.frame import Frame
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.pipeline.ports import PipelineParts
from backend.pipeline.shared_parts import SharedParts
from backend.pipeline.video_processor import VideoProcessor
from backend.services.parts import build_model_store, build_pipeline_parts, source_limits
from backend.vision.sources.factory import make_source
from tests.builders import write_video
from tests.pipeline.fakes import PARAMS
from tests.web import settings

CLOCK = SystemClock()

pytestmark = [pytest.mark.assets, pytest.mark.weights]


class Take:
    """Keeps the snapshots of the first ``most`` frames, then ends the run."""

    def __init__(self, most: int) -> None:
        self.snapshots: list[Snapshot] = []
        self.stop = threading.Event()
        self._most = most

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        assert (frame.index, frame.segment) == (snapshot.frame_index, snapshot.segment)
        self.snapshots.append(snapshot)
        if len(self.snapshots) >= self._most:
            self.stop.set()


@pytest.fixture(scope="module")
def house(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineParts]:
    """The application's own parts with the INT8 network."""
    home = tmp_path_factory.mktemp("home")
    wanted = settings(
        home,
        CROWDSAFE_OFFLINE=True,
        YOLO_MODEL=str(assets / "models" / "yolo11n_int8_openvino_model"),
    )
    models = build_model_store(wanted, CLOCK)
    yield build_pipeline_parts(
        wanted, clock=CLOCK, open_detector=lambda _camera: models.open_detector()
    )
    models.close()


def analyse(
    parts: PipelineParts, video: Path, *, most: int = 10_000, **changes: object
) -> tuple[VideoProcessor, list[Snapshot]]:
    limits = dataclasses.replace(source_limits(settings(video.parent)), upload_folder=video.parent)
    parts = dataclasses.replace(
        parts,
        make_source=lambda spec, start: make_source(spec, limits=limits, clock=CLOCK, start=start),
    )
    config = CameraConfig(1, "clip", SourceSpec(SourceType.UPLOAD, str(video)), **changes)  # type: ignore[arg-type]
    take = Take(most)
    shared = SharedParts(parts=parts, outlet=take, clock=CLOCK)
    processor = VideoProcessor(config, run_id=1, shared=shared, params=PARAMS)
    processor.run(take.stop)
    return processor, take.snapshots


@pytest.mark.parametrize("name", ["street-night-dense.mp4", "stadium-stand-dense.mp4"])
def test_a_crowd_the_detector_cannot_see_is_never_called_safe_and_trusted(
    house: PipelineParts, assets: Path, name: str
) -> None:
    _, found = analyse(house, assets / "videos" / name, most=60, area_m2=300.0, people_limit=500)
    assert len(found) == 60
    for snapshot in found:
        assert snapshot.metrics.trust is Trust.SATURATED, snapshot.frame_index
        assert snapshot.metrics.count_high is None
        assert snapshot.risk.level >= RiskLevel.CAUTION


def test_people_are_counted_tracked_and_their_street_is_safe(
    house: PipelineParts, assets: Path
) -> None:
    processor, found = analyse(
        house, assets / "videos" / "town-centre.mp4", most=120, area_m2=900.0, people_limit=100
    )
    assert [snapshot.frame_index for snapshot in found] == list(range(120))
    late = found[60:]
    assert 8 <= sum(snapshot.metrics.count for snapshot in late) / len(late) <= 22
    assert {snapshot.risk.level for snapshot in found} == {RiskLevel.SAFE}
    stayed = set.intersection(*({t.track_id for t in s.picture.tracks} for s in late))
    assert len(stayed) >= 4, "people keep their number over two seconds"
    assert any(track.velocity_px_per_s for track in late[-1].picture.tracks)
    assert late[-1].timings.detect_ms > 0
    status = processor.status()
    assert status.job is not None
    assert status.job.state is JobState.QUEUED, "cut off before its end, as by a shutdown"


def test_an_empty_video_is_safe_from_start_to_end(house: PipelineParts, tmp_path: Path) -> None:
    video = write_video(tmp_path / "empty.mp4", frames=75, moving=False)
    processor, found = analyse(house, video, area_m2=50.0, people_limit=20)
    assert len(found) == 75
    assert processor.job is not None
    assert processor.job.state is JobState.FINISHED
    assert {snapshot.metrics.count for snapshot in found} == {0.0}
    assert {snapshot.risk.level for snapshot in found} == {RiskLevel.SAFE}
    assert {snapshot.risk.score for snapshot in found} == {0.0}
    assert found[-1].metrics.mean_speed_mps is None
