"""Figures of dense optical flow: a drawn crowd whose motion is known, and one recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib.axes import Axes

from backend.core.frame import FloatArray, Image
from backend.vision.flow_cells import FlowArray, cell_medians, measure_texture, refine
from backend.vision.optical_flow import DenseFlow, FlowParams, reduce_picture
from figures.style import BLUE, GREEN, GREY, ORANGE, figure_file

PICTURE_WH = (960, 540)
GAP_S = 0.12
TRUE_PETS_HZ = 7.0
PARAMS = FlowParams()


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two pictures and what moves in the first: centres (N, 2) px and velocities (N, 2) px/s."""

    before: Image
    after: Image
    at_px: FloatArray
    velocity: FloatArray


def draw(folder: Path, assets: Path) -> None:
    """Draw the figures of optical-flow.md."""
    with figure_file(folder / "optical-flow-accuracy.svg", width=7.4, height=3.2) as figure:
        methods, people = figure.subplots(1, 2, width_ratios=(1.4, 1))
        _draw_methods(methods)
        _draw_people(people, assets)


def _draw_methods(axes: Axes) -> None:
    crowds = {
        f"{name}\n{scale} px/m": _drawn_crowd(scale, is_lanes=is_lanes)
        for name, is_lanes in (("turbulent", False), ("lanes", True))
        for scale in (48, 24)
    }
    methods = {
        "DIS, preset FAST": (GREY, cv2.DISOPTICAL_FLOW_PRESET_FAST, None, False),
        "DIS to half resolution": (ORANGE, cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST, 1, False),
        "and refined": (BLUE, cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST, 1, True),
    }
    for number, (name, (colour, preset, finest, is_refined)) in enumerate(methods.items()):
        search = cv2.DISOpticalFlow.create(preset)
        if finest is not None:
            search.setFinestScale(finest)
            search.setPatchStride(6)
        slopes = [
            float(np.mean([_slope(pair, search, is_refined) for pair in pairs]))
            for pairs in crowds.values()
        ]
        axes.bar(
            np.arange(len(slopes)) + 0.27 * (number - 1), slopes, 0.25, color=colour, label=name
        )
    axes.axhline(1.0, color=GREY, linewidth=1)
    axes.set_xticks(range(len(crowds)), list(crowds))
    axes.set(ylabel="measured / true velocity", ylim=(0, 1.35))
    axes.legend(loc="upper left", fontsize=7, ncols=2)


def _slope(pair: _Pair, search: cv2.DISOpticalFlow, is_refined: bool) -> float:
    """Measured over true velocity of the cells that show somebody, by least squares."""
    before, after = reduce_picture(pair.before), reduce_picture(pair.after)
    empty = np.zeros((*before.shape, 2), np.float32)
    flow: FlowArray = np.asarray(search.calc(before, after, empty), np.float32)
    moved = cell_medians(flow, PARAMS.cell_px)
    texture = measure_texture(before, PARAMS.cell_px)
    known = texture.strength >= PARAMS.min_texture
    if is_refined:
        refined = refine(texture, after, moved)
        moved, known = refined.moved, known & (refined.mismatch <= PARAMS.max_mismatch)
    scale = pair.before.shape[1] / before.shape[1]
    rows, columns = np.nonzero(known)
    centre = (np.stack([columns, rows], axis=1) * PARAMS.cell_px + PARAMS.cell_px / 2) * scale
    apart = np.linalg.norm(centre[:, None] - pair.at_px[None], axis=2)
    nearest = apart.argmin(axis=1)
    shown = apart.min(axis=1) < 8.0
    measured = moved[rows, columns][shown] * scale / GAP_S
    true = pair.velocity[nearest[shown]]
    return float((measured * true).sum() / (true**2).sum())


def _drawn_crowd(px_per_m: int, *, is_lanes: bool) -> list[_Pair]:
    """Four people/m² seen from above over a textured ground, three pairs of pictures."""
    rng = np.random.default_rng(3)
    size_m = np.array(PICTURE_WH) / px_per_m
    at_m = rng.uniform((0, 0), size_m, (int(4 * size_m.prod()), 2))
    looks = rng.integers(20, 200, (len(at_m), 2))
    ground = rng.normal(0, 1, (PICTURE_WH[1], PICTURE_WH[0]))
    floor = cv2.GaussianBlur(ground, (0, 0), 2.0)
    floor = 100 + 25 * floor / floor.std()
    pairs = []
    for _ in range(3):
        if is_lanes:
            sense = np.where(np.floor(at_m[:, 1] / 1.5) % 2 == 0, 0.8, -0.8)
            velocity = np.stack([sense, 0 * sense], axis=1)
        else:
            velocity = _eddies(at_m)
        after_m = at_m + GAP_S * velocity
        before, after = (_picture(floor, at, looks, px_per_m, rng) for at in (at_m, after_m))
        pairs.append(_Pair(before, after, at_m * px_per_m, velocity * px_per_m))
        at_m = after_m
    return pairs


def _eddies(at_m: FloatArray) -> FloatArray:
    """Divergence-free field of six waves 3 m long, 0.4 m/s strong."""
    rng = np.random.default_rng(8)
    velocity = np.zeros_like(at_m)
    for angle, phase in rng.uniform(0, 2 * np.pi, (6, 2)):
        along = np.array([np.cos(angle), np.sin(angle)])
        push = np.array([-along[1], along[0]])
        velocity += np.sin(2 * np.pi * (at_m @ along) / 3 + phase)[:, None] * push
    return np.asarray(velocity * 0.4 / np.sqrt(3))


def _picture(
    floor: FloatArray,
    at_m: FloatArray,
    looks: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    px_per_m: int,
    rng: np.random.Generator,
) -> Image:
    """Shoulders and heads, drawn to 1/8 pixel, with 2 grey levels of noise."""
    canvas = floor.astype(np.float32)
    fine = np.rint(at_m * px_per_m * 8).astype(int)
    wide, deep, head = (round(metres * px_per_m * 8) for metres in (0.23, 0.13, 0.09))
    for (x, y), (coat, hair) in zip(fine.tolist(), looks.tolist(), strict=True):
        cv2.ellipse(canvas, (x, y), (wide, deep), 0, 0, 360, (coat,), -1, cv2.LINE_8, 3)
        cv2.circle(canvas, (x, y - head // 2), head, (hair,), -1, cv2.LINE_8, 3)
    noisy = cv2.GaussianBlur(canvas, (0, 0), 0.7) + rng.normal(0, 2, canvas.shape)
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def _draw_people(axes: Axes, assets: Path) -> None:
    """Speed of single pedestrians in PETS09-S2L1, every dot one second of one person."""
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    rows = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",", usecols=range(6))
    boxes = {(int(f), int(i)): np.array(box) for f, i, *box in rows.tolist()}
    seen: dict[tuple[int, int], list[tuple[FloatArray, FloatArray]]] = {}
    capture = cv2.VideoCapture(str(folder / "PETS09-S2L1.avi"))
    meter = DenseFlow()
    for frame in range(1, 401):
        ok, image = capture.read()
        assert ok
        found = meter.update(
            np.asarray(image, np.uint8), stream_time_s=frame / TRUE_PETS_HZ, segment=0
        )
        if found is None:
            continue
        for (at, person), box in boxes.items():
            if at != frame - 1 or (frame, person) not in boxes:
                continue
            x, y = ((found.points_px - box[:2]) / box[2:]).T
            on_body = (x > 0.25) & (x < 0.75) & (y > 0.05) & (y < 0.6)
            if on_body.any():
                step = boxes[frame, person] - box
                true = (step[:2] + step[2:] / 2) * TRUE_PETS_HZ
                own = np.median(found.velocity_px_per_s[on_body], axis=0).astype(np.float64)
                seen.setdefault((person, frame // 7), []).append((true, own))
    capture.release()
    seconds = [np.mean(pairs, axis=0) for pairs in seen.values() if len(pairs) >= 5]
    true_speed, speed = np.linalg.norm(np.array(seconds), axis=2).T
    axes.plot([0, 100], [0, 100], color=GREY, linewidth=1)
    axes.plot(true_speed, speed, ".", markersize=3, color=GREEN)
    axes.set(
        xlabel="ground truth [px/s]",
        ylabel="optical flow [px/s]",
        title=f"single people: ratio of means {speed.mean() / true_speed.mean():.2f}",
        xlim=(0, 80),
        ylim=(0, 80),
    )
    axes.title.set_fontsize(9)
