"""Figures of the calibration page: a simulated camera, and two real ones whose ground is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration import GroundPlane, MonitoredGround
from backend.crowd.calibration.upright_camera import UprightCamera, focal_from_view
from figures.style import BLUE, GREEN, GREY, ORANGE, RED, figure_file
from tests.reference.known_cameras import (
    PETS_VIEW_DEG,
    PETS_WH,
    TOWN_VIEW_DEG,
    TOWN_WH,
    boxes_of,
    compare,
    detect_pets,
    detect_town,
    estimate,
    is_covered,
    pets,
    town_plane,
)

PICTURE_WH = (1280, 720)
PERSON_M = 1.70
VIEWS_DEG = np.arange(30.0, 91.0, 3.0)


def draw(folder: Path, assets: Path) -> None:
    """Draw all figures of this topic and print the numbers of the page."""
    _draw_grid(folder / "calibration-grid.svg")
    pets_plane, truth = pets(assets)
    pets_boxes, town_boxes = boxes_of(truth), detect_town(assets, every=6)
    _draw_heights(folder / "calibration-heights.svg", pets_boxes)
    detected = detect_pets(assets, every=8)
    _print_errors("PETS 2009 S2.L1, detected", pets_plane, PETS_WH, detected, PETS_VIEW_DEG)
    cases = (
        ("PETS 2009 S2.L1, true boxes", pets_plane, PETS_WH, pets_boxes, PETS_VIEW_DEG),
        ("Town Centre, detected boxes", town_plane(assets), TOWN_WH, town_boxes, TOWN_VIEW_DEG),
    )
    with figure_file(folder / "calibration-field-of-view.svg", height=3.2) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (title, plane, wh, boxes, view_deg) in zip(panels, cases, strict=True):
            _print_errors(title, plane, wh, boxes, view_deg)
            _draw_views(axes, plane, wh, boxes, view_deg)
            axes.set_title(title, fontsize=9)
        panels[0].set_ylabel("true area / estimated area")
        panels[1].legend(loc="upper right", fontsize=8)


def _draw_grid(path: Path) -> None:
    camera = UprightCamera(
        focal_from_view(np.array([65.0]), PICTURE_WH), np.radians([20.0]), np.array([5.0])
    )
    plane = GroundPlane.from_matrix(camera.matrices(PICTURE_WH)[0])
    ground = MonitoredGround.build(plane, picture_wh=PICTURE_WH)
    with figure_file(path, width=6.4, height=4.0) as figure:
        axes = figure.add_subplot()
        _draw_lines(axes, plane)
        axes.fill(*ground.measurement_px.T, color=BLUE, alpha=0.12, lw=0)
        axes.fill(*ground.measurement_px.T, fill=False, ec=BLUE, lw=1.5)
        _draw_people(axes, plane, camera)
        axes.annotate(
            f"monitored: {ground.area_m2:.0f} m²", (640, 640), ha="center", color=BLUE, fontsize=9
        )
        far = ground.measurement_px[:, 1].min()
        axes.annotate("0.25 m per pixel", (1060, far - 30), ha="center", color=BLUE, fontsize=8)
        axes.set_xlim(0, PICTURE_WH[0])
        axes.set_ylim(PICTURE_WH[1], 0)
        axes.set_aspect("equal")
        axes.grid(visible=False)
        axes.set_xlabel("x (px)")
        axes.set_ylabel("y (px)")


def _draw_lines(axes: Axes, plane: GroundPlane) -> None:
    """One line every 2 m, a strong one every 10 m."""
    along = np.linspace(3.0, 60.0, 400)
    for x in range(-60, 61, 2):
        line = plane.to_image(np.column_stack([np.full(len(along), x), along]))
        axes.plot(*line.T, color=GREY, lw=0.9 if x % 10 == 0 else 0.3)
    across = np.linspace(-60.0, 60.0, 50)
    for y in range(4, 61, 2):
        line = plane.to_image(np.column_stack([across, np.full(len(across), y)]))
        axes.plot(*line.T, color=GREY, lw=0.9 if y % 10 == 0 else 0.3)


def _draw_people(axes: Axes, plane: GroundPlane, camera: UprightCamera) -> None:
    places = np.array([[-2.5, 8.0], [2.2, 10.0], [-5.0, 16.0], [3.5, 20.0], [-3.0, 30.0]])
    feet = plane.to_image(places)
    tall = camera.heights_px(feet[:, 1] - PICTURE_WH[1] / 2, person_m=PERSON_M)[0]
    for (x, y), height in zip(feet, tall, strict=True):
        axes.plot([x, x], [y, y - height], color=ORANGE, lw=2.5, solid_capstyle="butt")
        axes.annotate(f"{height:.0f} px", (x, y), (6, 0), textcoords="offset points", fontsize=7)


def _draw_heights(path: Path, boxes: FloatArray) -> None:
    found = estimate(boxes, PETS_WH, PETS_VIEW_DEG)
    foot, tall = boxes[:, 3], boxes[:, 3] - boxes[:, 1]
    rows = np.linspace(-90, PETS_WH[1], 200)
    camera = UprightCamera(
        focal_from_view(np.array([PETS_VIEW_DEG]), PETS_WH),
        np.radians([found.tilt_deg]),
        np.array([found.camera_height_m]),
    )
    curve = camera.heights_px(rows - PETS_WH[1] / 2, person_m=PERSON_M)[0]
    line = found.height_model
    with figure_file(path, height=3.4) as figure:
        axes = figure.add_subplot()
        axes.plot(foot[::8], tall[::8], ".", ms=2.5, color=GREY, alpha=0.6, label="a box")
        axes.plot(rows, line.height_px(rows), "--", color=ORANGE, label="straight line")
        axes.plot(rows, curve, color=BLUE, lw=1.6, label="camera without roll")
        axes.plot(found.horizon_y_px, 0, "o", color=BLUE, clip_on=False)
        axes.plot(line.horizon_y_px, 0, "o", color=ORANGE, clip_on=False)
        axes.annotate(
            "horizon", (found.horizon_y_px, 0), (4, 10), textcoords="offset points", fontsize=8
        )
        axes.set_xlabel("row of the feet (px)")
        axes.set_ylabel("height of the box (px)")
        axes.set_ylim(0, 180)
        axes.legend(loc="upper left")


def _draw_views(
    axes: Axes, true: GroundPlane, wh: tuple[int, int], boxes: FloatArray, view_deg: float
) -> None:
    ratios, high = [], []
    for view in VIEWS_DEG:
        try:
            found = estimate(boxes, wh, float(view))
        except InvalidInputError:
            ratios.append(np.nan)
            high.append(np.nan)
            continue
        ratios.append(1 / (1 + compare(found.plane, true, wh).area))
        high.append(found.area_spread)
    axes.plot(VIEWS_DEG, ratios, color=BLUE, lw=1.6, label="this field of view entered")
    spread = np.array(high)
    axes.fill_between(VIEWS_DEG, 1 - spread, 1 + spread, color=BLUE, alpha=0.12, lw=0)
    axes.axvline(view_deg, color=GREEN, ls=":", lw=1)
    axes.annotate("true", (view_deg, 0.1), (3, 0), textcoords="offset points", color=GREEN)
    assumed = estimate(boxes, wh, None)
    ratio = 1 / (1 + compare(assumed.plane, true, wh).area)
    axes.errorbar(
        [60], [1], yerr=assumed.area_spread, color=ORANGE, capsize=4, label="60° assumed: interval"
    )
    axes.plot(60, ratio, "x", color=RED, ms=7, label="truth")
    axes.set_ylim(0, 2.7)
    axes.set_xlabel("horizontal field of view (°)")


def _print_errors(
    title: str, true: GroundPlane, wh: tuple[int, int], boxes: FloatArray, view_deg: float
) -> None:
    for view in (view_deg, None):
        found = estimate(boxes, wh, view)
        errors = compare(found.plane, true, wh)
        print(
            f"{title}, field of view {view or 'assumed'}: {found.people_used} of "
            f"{found.people_given} boxes, residual {found.residual_px:.1f} px "
            f"({found.residual_relative:.1%}), camera {found.camera_height_m:.2f} m, tilt "
            f"{found.tilt_deg:.1f}°, horizon {found.horizon_y_px:.0f}, length {errors.length:+.1%} "
            f"(± {found.length_spread:.0%}), area {errors.area:+.1%} (± {found.area_spread:.0%}), "
            f"covered {is_covered(found, errors)}"
        )
