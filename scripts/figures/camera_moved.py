"""Camera-moved check on real clips: given against found displacement, and every clip's course."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from backend.core.calibration import BackgroundFeatures
from backend.core.camera import CameraConfig, SourceSpec, SourceType
from backend.core.frame import Image
from backend.vision.camera_moved import (
    CameraMovedCheck,
    CameraMovedParams,
    ViewState,
)
from backend.vision.detector import Detector
from backend.vision.landmarks import background_features, seek_features
from backend.vision.view_match import ViewMatch, match_views
from benchmarks.clip_run import pipeline_parts
from figures.style import BLUE, GREEN, GREY, ORANGE, RED, figure_file

Boxes = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

ANY_CAMERA = CameraConfig(1, "any", SourceSpec(SourceType.FILE, ""))
CLIPS = {
    "town-centre": ("videos/town-centre.mp4", 30.0),
    "PETS09-S2L1": ("data/mot/PETS09-S2L1/PETS09-S2L1.avi", 7.0),
    "one-by-one": ("videos/one-by-one-person-detection.mp4", 10.0),
    "street-night-dense": ("videos/street-night-dense.mp4", 30.0),
    "concourse-high": ("videos/concourse-high.mp4", 25.0),
    "mall-door": ("videos/mall-door.mp4", 29.97),
    "atrium-escalator": ("videos/atrium-escalator.mp4", 24.0),
}
FIXED = ("town-centre", "PETS09-S2L1", "one-by-one", "street-night-dense")
COLOURS = dict(zip(CLIPS, (BLUE, ORANGE, GREEN, RED, "black", GREY, "#805ad5"), strict=True))
DRIFTING = ("concourse-high", "mall-door")
MOVES = {
    f"{kind} {size:.0%}": (kind, size)
    for kind in ("shift", "turn", "zoom")
    for size in (0.02, 0.05, 0.2)
}
NOBODY = np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True)
class Look:
    """One frame of a clip with the people found in it."""

    time_s: float
    image: Image
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class Moved:
    """What was given and found of one clip moved in one way; noticed = within four looks."""

    given: float
    found: list[float]
    is_noticed: bool


def draw(folder: Path, assets: Path) -> None:
    """Draw the figure and print the tables of docs/methods/camera-moved.md."""
    with pipeline_parts(assets) as parts:
        detector = parts.open_detector(ANY_CAMERA)
        clips = {name: _looks(assets, name, detector) for name in CLIPS}
        detector.close()
    courses = {name: _course(looks) for name, looks in clips.items()}
    outcomes = {name: _moves(clips[name]) for name in FIXED}
    outcomes |= {name: _moves(_held_still(clips[name])) for name in DRIFTING}
    _print_courses(clips, courses)
    _print_moves(outcomes)
    _print_lights(clips)
    with figure_file(folder / "camera-moved.svg", height=3.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.3])
        _draw_given(left, outcomes)
        _draw_courses(right, courses)
        figure.legend(
            *right.get_legend_handles_labels(),
            loc="outside lower center",
            ncols=7,
            fontsize=7,
            columnspacing=1.0,
            handlelength=1.2,
        )


def _draw_given(axes: Axes, outcomes: dict[str, dict[str, Moved]]) -> None:
    axes.loglog([0.8, 30], [0.8, 30], color=GREY, lw=0.8)
    for name, moves in outcomes.items():
        given = np.array([[move.given] * len(move.found) for move in moves.values()]).ravel()
        found = np.array([move.found for move in moves.values()]).ravel()
        axes.plot(100 * given, 100 * found, ".", ms=4, color=COLOURS[name], label=name)
    _label(axes.xaxis, (1, 2, 5, 10, 20))
    _label(axes.yaxis, (1, 2, 5, 10, 20))
    axes.set(xlabel="given, % of the width", ylabel="found, % of the width", title="Moved by hand")


def _draw_courses(axes: Axes, courses: dict[str, Matrix]) -> None:
    for name, course in courses.items():
        axes.loglog(course[:, 0], 100 * course[:, 1], color=COLOURS[name], label=name, lw=1)
    axes.axhline(1, color=GREY, ls="--", lw=0.8)
    axes.text(80, 1.1, "moved", color=GREY, va="bottom", ha="center", fontsize=7)
    _label(axes.xaxis, (0.1, 1, 10, 100))
    _label(axes.yaxis, (0.01, 0.1, 1, 10))
    axes.set(
        xlabel="s from the first frame", ylabel="displacement, % of the width", title="As filmed"
    )


def _label(axis: Axis, values: tuple[float, ...]) -> None:
    """Plain numbers instead of powers of ten."""
    axis.set_ticks(values, [f"{value:g}" for value in values])


def _looks(assets: Path, name: str, detector: Detector) -> list[Look]:
    """About forty frames of a clip, evenly spread, with everybody who may be in them."""
    path, fps = CLIPS[name]
    with av.open(str(assets / path)) as video:
        count = video.streams.video[0].frames
    step = max(count // 40, 1)
    looks = []
    with av.open(str(assets / path)) as video:
        for number, frame in enumerate(video.decode(video=0)):
            if number % step:
                continue
            image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            found = detector.detect(image)
            weak = NOBODY if found.weak is None else found.weak.boxes_xyxy
            looks.append(Look(number / fps, image, np.concatenate([found.boxes_xyxy, weak])))
    return looks


def _reference(looks: list[Look]) -> BackgroundFeatures:
    found = background_features(looks[0].image, looks[0].boxes)
    assert found is not None, "the clip begins without landmarks"
    return found


def _match(reference: BackgroundFeatures, image: Image, boxes: Boxes) -> ViewMatch | None:
    view = seek_features(image, boxes)
    return None if view is None else match_views(reference, view)


def _course(looks: list[Look]) -> Matrix:
    """(K, 3): time, displacement found (NaN where none), displacement by optical flow."""
    reference = _reference(looks)
    rows = []
    for look, drift in zip(looks[1:], _drifts(looks)[1:], strict=True):
        found = _match(reference, look.image, look.boxes)
        height, width = look.image.shape[:2]
        followed = _displacement(drift, (width, height))
        rows.append((look.time_s, np.nan if found is None else found.displacement, followed))
    return np.array(rows)


def _drifts(looks: list[Look]) -> list[Matrix]:
    """(2, 3) each: where the first frame's background went, by sparse flow from frame to frame."""
    chain = [np.eye(3)]
    for before, look in pairwise(looks):
        chain.append(np.vstack([_flow(before.image, look.image), [0, 0, 1]]) @ chain[-1])
    return [matrix[:2] for matrix in chain]


def _held_still(looks: list[Look]) -> list[Look]:
    """The same frames with the camera's own motion taken out."""
    return [
        _seen_through(look, cv2.invertAffineTransform(drift))
        for look, drift in zip(looks, _drifts(looks), strict=True)
    ]


def _seen_through(look: Look, matrix: Matrix) -> Look:
    size_wh = (look.image.shape[1], look.image.shape[0])
    image = cv2.warpAffine(look.image, matrix, size_wh, borderMode=cv2.BORDER_REFLECT)
    return Look(look.time_s, np.asarray(image, np.uint8), _carried(look.boxes, matrix))


def _flow(before: Image, after: Image) -> Matrix:
    """Motion of the background between two frames by sparse optical flow: another method."""
    first, second = (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in (before, after))
    corners = cv2.goodFeaturesToTrack(first, 800, 0.01, 8)
    there, found, _ = cv2.calcOpticalFlowPyrLK(first, second, corners, None, winSize=(31, 31))
    kept = found.ravel() == 1
    matrix, _ = cv2.estimateAffinePartial2D(corners[kept], there[kept], ransacReprojThreshold=1.5)
    return np.asarray(matrix, np.float64)


def _displacement(matrix: Matrix, size_wh: tuple[int, int]) -> float:
    width, height = size_wh
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners @ matrix[:, :2].T + matrix[:, 2] - corners
    return float(np.linalg.norm(moved, axis=1).max() / width)


def _placed(kind: str, size: float, size_wh: tuple[int, int]) -> Matrix:
    width, height = size_wh
    turn = float(np.degrees(size)) if kind == "turn" else 0.0
    zoom = 1 + size if kind == "zoom" else 1.0
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom), np.float64)
    matrix[0, 2] += size * width if kind == "shift" else 0.0
    return matrix


def _moves(looks: list[Look]) -> dict[str, Moved]:
    """What is found of six later frames of a fixed camera, moved in each way."""
    reference = _reference(looks)
    later = looks[6 :: max(len(looks) // 6, 1)][:6]
    size_wh = (looks[0].image.shape[1], looks[0].image.shape[0])
    outcome = {}
    for label, (kind, size) in MOVES.items():
        matrix = _placed(kind, size, size_wh)
        moved = [_seen_through(look, matrix) for look in later]
        found = [_match(reference, look.image, look.boxes) for look in moved]
        states, _ = _verdicts([*later[:1], *moved[:4]], reference)
        outcome[label] = Moved(
            given=_displacement(matrix, size_wh),
            found=[np.nan if match is None else match.displacement for match in found],
            is_noticed=states[-1] is ViewState.MOVED,
        )
    return outcome


def _carried(boxes: Boxes, matrix: Matrix) -> Boxes:
    columns = np.array([[0, 1], [2, 1], [2, 3], [0, 3]])
    corners = boxes[:, columns] @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).astype(np.float32)


def _lights() -> dict[str, Callable[[Image], npt.NDArray[np.generic]]]:
    rng = np.random.default_rng(1)
    return {
        "brightness +30 %": lambda image: cv2.convertScaleAbs(image, alpha=1.3),
        "brightness −30 %": lambda image: cv2.convertScaleAbs(image, alpha=0.7),
        "contrast +30 %": lambda image: np.clip((image - 128.0) * 1.3 + 128, 0, 255),
        "contrast −30 %": lambda image: np.clip((image - 128.0) * 0.7 + 128, 0, 255),
        "blur, σ = 1.5 px at 960": lambda image: cv2.GaussianBlur(
            image, (0, 0), 1.5 * image.shape[1] / 960
        ),
        "noise, σ = 15": lambda image: np.clip(image + rng.normal(0, 15, image.shape), 0, 255),
    }


def _verdicts(looks: list[Look], reference: BackgroundFeatures) -> tuple[list[ViewState], float]:
    """States after each look and median processor time of a look, ms; looks count as 5 s apart."""
    check = CameraMovedCheck(reference, CameraMovedParams(doubtful_interval_s=5.0))
    states, costs = [], []
    for number, look in enumerate(looks):
        begin = time.process_time()
        verdict = check.examine(look.image, look.boxes, stream_time_s=5.0 * number)
        costs.append(1000 * (time.process_time() - begin))
        states.append(verdict.state)
    return states, float(np.median(costs))


def _print_courses(clips: dict[str, list[Look]], courses: dict[str, Matrix]) -> None:
    print("| clip | looks | found, max % | by optical flow, max % | verdict | held still | ms |")
    for name, looks in clips.items():
        found, followed = 100 * np.nanmax(courses[name][:, 1:], axis=0)
        states, cost_ms = _verdicts(looks[1:], _reference(looks))
        still = "–"
        if name not in FIXED:
            held, _ = _verdicts(_held_still(looks)[1:], _reference(looks))
            still = "moved" if ViewState.MOVED in held else "steady"
        first = next((n for n, state in enumerate(states) if state is ViewState.MOVED), None)
        verdict = "steady" if first is None else f"moved at {looks[1 + first].time_s:.1f} s"
        print(
            f"| {name} | {len(states)} | {found:.2f} | {followed:.2f} | {verdict} "
            f"| {still} | {cost_ms:.0f} |"
        )


def _print_moves(outcomes: dict[str, dict[str, Moved]]) -> None:
    print("| move | looks that found it | largest error, % of the width | noticed |")
    for label in MOVES:
        clips = [outcome[label] for outcome in outcomes.values()]
        errors = np.concatenate([np.array(clip.found) - clip.given for clip in clips])
        known = np.isfinite(errors)
        noticed = sum(clip.is_noticed for clip in clips)
        print(
            f"| {label} | {known.sum()} of {len(errors)} "
            f"| {100 * np.abs(errors[known]).max():.2f} | {noticed} of {len(clips)} |"
        )


def _print_lights(clips: dict[str, list[Look]]) -> None:
    print("| change | looks | found | displacement, max % | called moved |")
    for label, change in _lights().items():
        looks = found_all = called = 0
        largest = 0.0
        for name in FIXED:
            reference = _reference(clips[name])
            changed = [
                Look(look.time_s, np.asarray(change(look.image)).astype(np.uint8), look.boxes)
                for look in clips[name][1::4]
            ]
            states, _ = _verdicts(changed, reference)
            called += ViewState.MOVED in states
            for look in changed:
                found = _match(reference, look.image, look.boxes)
                looks += 1
                found_all += found is not None
                largest = max(largest, 0.0 if found is None else found.displacement)
        print(f"| {label} | {looks} | {found_all} | {100 * largest:.2f} | {called} clips |")
    sys.stdout.flush()
