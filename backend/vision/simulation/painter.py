"""Draws people into the picture of a place, from far to near."""

from __future__ import annotations

import math

import cv2
import numpy as np

from backend.core.frame import FloatArray, Image
from backend.vision.simulation.backdrop import draw_backdrop, draw_barrier
from backend.vision.simulation.crowd import Standing
from backend.vision.simulation.figure import (
    DIRECTIONS,
    LIGHT,
    PHASES,
    STANDING,
    Figure,
    Pose,
    draw_figure,
)
from backend.vision.simulation.mast_camera import BODY_HEIGHT_M
from backend.vision.simulation.places import Place
from backend.vision.simulation.wardrobe import Look, look_of

_STEP_M = 1.4
"""Way of two steps, after which a walker looks the same again."""

_STANDS_MPS = 0.2
_SIZE_STEP = 1.09
"""Figures are drawn in sizes that differ by so much."""

_ANGLE_STEP_DEG = 10
_SHADOW_DARK = 0.42


class _Wearing:
    """One person's figure in his or her own colours, as drawn last."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.pose: Pose | None = None
        self._figure: Figure | None = None
        self._coloured: Image | None = None

    def dress(self, pose: Pose, figure: Figure) -> None:
        """Colour another pose."""
        rows, columns, parts = figure.weights.shape
        mixed = figure.weights.reshape(-1, parts).astype(np.float32) @ (self.look.colours / LIGHT)
        np.minimum(mixed, 255.0, out=mixed)
        self._coloured = mixed.astype(np.uint8).reshape(rows, columns, 3)
        self._figure, self.pose = figure, pose

    def draw(self, image: Image, foot: FloatArray) -> None:
        """Draw the pose with its feet there, pixels."""
        assert self._figure is not None and self._coloured is not None, "dress() comes first"
        rows, columns = self._coloured.shape[:2]
        left = round(float(foot[0]) - self._figure.foot_xy[0])
        top = round(float(foot[1]) - self._figure.foot_xy[1])
        box = _overlap(image, left, top, columns, rows)
        if box is None:
            return
        x0, y0, x1, y1 = box
        cut = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        part = image[y0:y1, x0:x1]
        cv2.multiply(part, self._figure.uncovered[cut], dst=part, scale=1 / 255)
        cv2.add(part, self._coloured[cut], dst=part)


class Painter:
    """Pictures of one place. One thread at a time.

    Args:
        place: Where.
        seed: Of looks.
        caption: Burnt into every picture.
    """

    def __init__(self, place: Place, *, seed: int, caption: str) -> None:
        self._place = place
        self._seed = seed
        self._grounds = {
            shut: draw_backdrop(place, gates_shut=shut)
            for shut in ({True, False} if place.shut else {False})
        }
        self._front = [wall for wall in place.walls if wall.is_foreground]
        self._caption = caption
        self._shadows: dict[int, Image] = {}
        self._wearing: dict[int, _Wearing] = {}

    def paint(self, people: Standing, *, gates_shut: bool) -> Image:
        """Draw the picture.

        Args:
            people: Everybody in the picture; others are not drawn.
            gates_shut: Whether gates are drawn shut.

        Returns:
            (H, W, 3) uint8, BGR, freshly made.
        """
        image = self._grounds[gates_shut].copy()
        camera = self._place.camera
        feet = camera.to_image(people.positions_m)
        away = np.hypot(*people.positions_m.T)
        down = np.degrees(np.arctan2(camera.height_m - 0.5 * BODY_HEIGHT_M, away))
        tall = feet[:, 1] - camera.to_image(people.positions_m, height_m=BODY_HEIGHT_M)[:, 1]
        bearing = np.arctan2(people.positions_m[:, 0], people.positions_m[:, 1])
        heading = np.arctan2(people.facing[:, 0], people.facing[:, 1])
        turn = np.round((heading - bearing) / (2 * math.pi / DIRECTIONS)).astype(int) % DIRECTIONS
        phase = np.floor(people.walked_m / _STEP_M * PHASES).astype(int) % PHASES
        phase[people.speed_mps < _STANDS_MPS] = STANDING
        order = np.argsort(-camera.depths(people.positions_m), kind="stable")
        self._wearing = {n: self._wearer(n) for n in people.ids.tolist()}
        for k in order:
            self._shade(image, feet[k], float(tall[k]))
        for k in order:
            wearer = self._wearing[int(people.ids[k])]
            pose = Pose(
                direction=int(turn[k]),
                phase=int(phase[k]),
                height_px=_stepped(float(tall[k]) * wearer.look.height_share),
                look_down_deg=_ANGLE_STEP_DEG * round(float(down[k]) / _ANGLE_STEP_DEG),
                has_bag=wearer.look.has_bag,
                has_skirt=wearer.look.has_skirt,
            )
            if wearer.pose != pose:
                wearer.dress(pose, draw_figure(pose))
            wearer.draw(image, feet[k])
        for wall in self._front:
            draw_barrier(image, camera, wall)
        self._write(image)
        return image

    def _wearer(self, number: int) -> _Wearing:
        return self._wearing.get(number) or _Wearing(look_of(number, seed=self._seed))

    def _shade(self, image: Image, foot: FloatArray, tall_px: float) -> None:
        """A soft shadow on the ground, to the right of the feet."""
        size = _stepped(tall_px)
        shadow = self._shadows.get(size)
        if shadow is None:
            shadow = self._shadows[size] = _shadow(size)
        rows, columns = shadow.shape[:2]
        left, top = round(float(foot[0]) - 0.2 * columns), round(float(foot[1]) - 0.55 * rows)
        box = _overlap(image, left, top, columns, rows)
        if box is None:
            return
        x0, y0, x1, y1 = box
        part = image[y0:y1, x0:x1]
        dark = shadow[y0 - top : y1 - top, x0 - left : x1 - left]
        cv2.multiply(part, dark, dst=part, scale=1 / 255)

    def _write(self, image: Image) -> None:
        """Nobody may take this picture for real."""
        scale, thick = 0.8, 2
        (wide, tall), base = cv2.getTextSize(self._caption, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        height, width = image.shape[:2]
        x, y = width - wide - 28, height - 24
        cv2.rectangle(
            image, (x - 12, y - tall - 12), (x + wide + 12, y + base + 6), (30, 30, 30), -1
        )
        cv2.putText(image, self._caption, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (90, 220, 255),
                    thick, cv2.LINE_AA)  # fmt: skip


def _overlap(
    image: Image, left: int, top: int, columns: int, rows: int
) -> tuple[int, int, int, int] | None:
    height, width = image.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + columns, width), min(top + rows, height)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _stepped(height_px: float) -> int:
    step = round(math.log(max(height_px, 4.0)) / math.log(_SIZE_STEP))
    return round(_SIZE_STEP**step)


def _shadow(tall_px: int) -> Image:
    """(H, W, 3) uint8, what the ground's light is multiplied by, of 255."""
    columns, rows = max(round(tall_px * 0.75), 4), max(round(tall_px * 0.32), 3)
    x, y = np.meshgrid(np.linspace(-0.25, 1.0, columns), np.linspace(-1.0, 1.0, rows))
    across = (y + 0.25 * x) / 0.75
    along = np.where(x < 0, x / 0.22, x / 0.95)
    dark = np.clip(1.3 * (1.0 - across**2 - along**2), 0.0, 1.0)
    light = (255 * (1.0 - _SHADOW_DARK * dark)).astype(np.uint8)
    return np.dstack([light] * 3)
