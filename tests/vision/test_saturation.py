"""Saturation evidence: the rule on hand-made candidates, and its verdict on real clips."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Image
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams, Region
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.saturation import (
    FALLBACK_PARAMS,
    SaturationParams,
    SaturationProbe,
    choose_saturation_params,
)
from tests.builders import boxes, detections, frame, model_info

WH = (1280, 720)
PARAMS = SaturationParams(limits=((50.0, 1.0),), clear_below=0.8)


class ScriptedDetector:
    """Reports the candidates it is told to."""

    def __init__(self, *, info: ModelInfo | None = None) -> None:
        self.info = info or model_info()
        self.params = DetectorParams()
        self.candidates = Detections.empty()
        self.regions: Sequence[Region] = ()

    def survey(self, picture: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        del picture, confidence
        self.regions = regions
        return self.candidates

    def submit(self, picture: Image) -> object:
        raise NotImplementedError

    def detect(self, picture: Image) -> Detections:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to let go of."""


def _crowd(count: int, *, height: float = 30.0) -> Detections:
    random = np.random.default_rng(count)
    corner = random.uniform((0, 0), (1200, 600), (count, 2))
    found = np.concatenate([corner, corner + np.array([height / 3, height])], axis=1).astype(
        np.float32
    )
    return Detections(found, np.full(count, 0.05, np.float32))


def _probe(detector: ScriptedDetector, params: SaturationParams = PARAMS) -> SaturationProbe:
    return SaturationProbe(detector, params)  # type: ignore[arg-type]


def _examine(probe: SaturationProbe, *found: tuple[float, float, float, float], at: float = 0.0):  # type: ignore[no-untyped-def]
    return probe.examine(frame(stream_time_s=at, width=WH[0], height=WH[1]), detections(*found))


def test_no_sign_of_anybody_is_no_evidence() -> None:
    evidence = _examine(_probe(ScriptedDetector()), at=12.0)
    assert not evidence.saturated
    assert (evidence.score, evidence.reason, evidence.at_stream_time_s) == (0.0, "", 12.0)


def test_many_unexplained_signs_saturate_at_once() -> None:
    detector = ScriptedDetector()
    detector.candidates = _crowd(200)
    evidence = _examine(_probe(detector))
    assert evidence.saturated
    assert evidence.score == pytest.approx(4 / (4 + 1))
    assert "200 further signs" in evidence.reason and "nobody" in evidence.reason
    assert evidence.reason.startswith("Enlarged, ") and evidence.reason.endswith(".")


def test_signs_inside_detections_and_near_people_do_not_count() -> None:
    detector = ScriptedDetector()
    detector.candidates = Detections(
        boxes(*[(100 + n, 100, 120 + n, 160) for n in range(60)]), np.full(60, 0.05, np.float32)
    )
    assert not _examine(_probe(detector), (90, 90, 190, 300)).saturated
    detector.candidates = _crowd(200, height=400.0)
    assert not _examine(_probe(detector)).saturated


def test_more_detections_explain_more_signs() -> None:
    detector = ScriptedDetector()
    detector.candidates = _crowd(80)
    alone = _examine(_probe(detector))
    counted = _examine(_probe(detector), *[(1250, 700, 1260, 715)] * 40)
    assert alone.saturated and not counted.saturated


def test_where_nobody_is_detected_fewer_signs_suffice() -> None:
    detector = ScriptedDetector()
    detector.candidates = _crowd(40)
    probe = _probe(detector, SaturationParams())
    assert _examine(probe).saturated
    again = _probe(detector, SaturationParams())
    assert not _examine(again, *[(1250, 700, 1260, 715)] * 12).saturated


def test_hysteresis_clears_after_two_calm_examinations() -> None:
    detector = ScriptedDetector()
    probe = _probe(detector)
    verdicts = []
    for count in (20, 60, 45, 20, 45, 20, 20):
        detector.candidates = _crowd(count)
        verdicts.append(_examine(probe).saturated)
    assert verdicts == [False, True, True, True, True, True, False]


def test_due_every_interval_and_in_every_new_segment() -> None:
    probe = _probe(ScriptedDetector())
    assert probe.due(0.0, 0)
    _examine(probe, at=0.0)
    assert [probe.due(time_s, 0) for time_s in (0.0, 9.9, 10.0)] == [False, False, True]
    assert probe.due(0.1, 1)


def test_due_sooner_where_there_are_signs_of_a_crowd() -> None:
    detector = ScriptedDetector()
    probe = _probe(detector)
    for count in (45, 200):
        detector.candidates = _crowd(count)
        _examine(probe, at=0.0)
        assert [probe.due(time_s, 0) for time_s in (0.0, 4.9, 5.0)] == [False, False, True]


def test_the_survey_is_as_fine_as_the_network_allows() -> None:
    fine, coarse = ScriptedDetector(), ScriptedDetector(info=model_info())
    coarse.info = ModelInfo("big", "openvino", "f32", (1280, 1280))
    for detector, tiles in ((fine, 12), (coarse, 4)):
        _examine(_probe(detector))
        assert len(detector.regions) == tiles
        assert detector.regions[0][:2] == (0, 0) and detector.regions[-1][2:] == WH


def test_the_fallback_has_limits_of_its_own() -> None:
    assert choose_saturation_params(model_info(reduced_accuracy=True)) is FALLBACK_PARAMS
    assert choose_saturation_params(model_info()) == SaturationParams()
    detector = ScriptedDetector(info=model_info(reduced_accuracy=True))
    detector.candidates = _crowd(200)
    probe = _probe(detector, FALLBACK_PARAMS)
    assert not _examine(probe).saturated, "its faint candidates mean less"
    detector.candidates = _crowd(400)
    assert _examine(probe).saturated


def test_senseless_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="clear_below"):
        SaturationParams(clear_below=1.2)
    with pytest.raises(ValueError, match="limits"):
        SaturationParams(limits=())
    with pytest.raises(ValueError, match="grid_max"):
        SaturationParams(grid_max=0)


@pytest.fixture(scope="module")
def real_detector(assets: Path):  # type: ignore[no-untyped-def]
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams()))
    yield detector
    detector.close()
    network.close()


@pytest.mark.parametrize(
    ("clip", "saturated"),
    [
        ("street-night-dense.mp4", True),
        ("stadium-stand-dense.mp4", True),
        ("one-by-one-person-detection.mp4", False),
        ("town-centre.mp4", False),
        ("concourse-high.mp4", False),
        ("atrium-escalator.mp4", False),
        ("mall-door.mp4", False),
    ],
)
def test_real_clips(
    assets: Path, real_detector: NetworkDetector, clip: str, saturated: bool
) -> None:
    av = pytest.importorskip("av")
    with av.open(str(assets / "videos" / clip)) as video:
        chosen = itertools.islice(video.decode(video=0), 0, 81, 40)
        pictures = [picture.to_ndarray(format="bgr24") for picture in chosen]
    for picture in pictures:
        probe = SaturationProbe(real_detector)
        evidence = probe.examine(frame(picture=picture), real_detector.detect(picture))
        assert evidence.saturated is saturated


def _bricks(random: np.random.Generator) -> Image:
    picture = np.full((720, 1280, 3), (150, 160, 170), np.uint8)
    for row, y in enumerate(range(0, 720, 16)):
        for x in range(-(row % 2) * 20, 1280, 40):
            shade = np.array([40, 50, 120]) + random.integers(-25, 25, 3)
            picture[y + 1 : y + 15, max(x + 1, 0) : x + 39] = shade
    return picture


def _foliage(random: np.random.Generator) -> Image:
    picture = np.full((720, 1280, 3), (20, 50, 25), np.uint8)
    for x, y in random.integers((0, 0), (1270, 710), (9000, 2)):
        width, height = random.integers(3, 12, 2)
        picture[y : y + height, x : x + width] = np.clip(
            np.array([30, 110, 40]) + random.integers(-30, 60, 3), 0, 255
        )
    return picture


@pytest.mark.parametrize("texture", ["grey", "noise", "stripes", "bricks", "foliage"])
def test_empty_textures_are_never_saturated(real_detector: NetworkDetector, texture: str) -> None:
    random = np.random.default_rng(3)
    picture = {
        "grey": lambda: np.full((720, 1280, 3), 128, np.uint8),
        "noise": lambda: random.integers(0, 255, (720, 1280, 3)).astype(np.uint8),
        "stripes": lambda: np.repeat(
            ((np.indices((720, 1280)).sum(0) // 16) % 2 * 160 + 40).astype(np.uint8)[..., None],
            3,
            2,
        ),
        "bricks": lambda: _bricks(random),
        "foliage": lambda: _foliage(random),
    }[texture]()
    evidence = SaturationProbe(real_detector).examine(
        frame(picture=picture), real_detector.detect(picture)
    )
    assert not evidence.saturated
    assert evidence.score < 0.1
