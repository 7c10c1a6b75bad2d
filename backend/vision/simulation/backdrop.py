"""The picture without people: paving, buildings, fences, barriers in soft daylight."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from backend.core.frame import FloatArray, Image
from backend.vision.simulation.mast_camera import MastCamera
from backend.vision.simulation.places import Place, Wall, WallKind

_SLAB_M = 0.6
_JOINT_M = 0.018
_PLASTER = (176, 190, 200)
_STONE = (150, 160, 168)
_GLASS = (108, 96, 84)
_FRAME = (206, 212, 216)
_DOOR = (46, 44, 44)
_STEEL = (150, 148, 146)
_STEEL_DARK = (92, 90, 88)
_TEXTURE_PX_PER_M = 40


@lru_cache(maxsize=8)
def draw_backdrop(place: Place, *, gates_shut: bool) -> Image:
    """Draw a place; the cameras of a process share what has been drawn.

    Args:
        place: What to draw.
        gates_shut: Whether gates are drawn shut.

    Returns:
        (H, W, 3) uint8, BGR, read-only.
    """
    image = _ground(place.camera)
    for wall in place.walls:
        if wall.is_foreground or (wall.is_gate and not gates_shut):
            continue
        if wall.kind is WallKind.FACADE:
            _facade(image, place, wall)
        elif wall.kind is WallKind.STAGE:
            _stage(image, place.camera, wall)
        else:
            draw_barrier(image, place.camera, wall)
    image.flags.writeable = False
    return image


def draw_barrier(image: Image, camera: MastCamera, wall: Wall) -> None:
    """Draw a fence or barrier over ``image``: rails, posts and bars."""
    is_fence = wall.kind is WallKind.FENCE
    rails = (0.12, wall.height_m) if is_fence else (0.15, 0.6 * wall.height_m, wall.height_m)
    for begin, end in zip(wall.path, wall.path[1:], strict=False):
        length = float(np.hypot(end[0] - begin[0], end[1] - begin[1]))
        bars = max(round(length / 0.16), 2)
        foot = np.linspace(begin, end, bars)
        scale = camera.px_per_m(foot)
        shown = scale > 0
        foot, scale = foot[shown], scale[shown]
        low = camera.to_image(foot, height_m=rails[0])
        high = camera.to_image(foot, height_m=wall.height_m)
        ground = camera.to_image(foot)
        for k in range(len(foot)):
            is_post = k % 12 == 0 or k == len(foot) - 1
            start = ground[k] if is_post else low[k]
            thick = max(round(scale[k] * (0.06 if is_post else 0.018)), 1)
            colour = _STEEL_DARK if is_post else _STEEL
            cv2.line(image, _px(start), _px(high[k]), colour, thick, cv2.LINE_AA)
        for rail_m in rails:
            rail = camera.to_image(foot, height_m=rail_m)
            thick = max(round(float(scale.mean()) * 0.045), 1)
            line = np.round(rail).astype(np.int32)
            cv2.polylines(image, [line], False, _STEEL_DARK, thick + 1, cv2.LINE_AA)
            cv2.polylines(image, [line - 1], False, (196, 194, 192), max(thick - 1, 1), cv2.LINE_AA)


def _ground(camera: MastCamera) -> Image:
    """Slabs of slightly different grey, stains, light that fades to the corners."""
    width, height = camera.picture_wh
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    plane = camera.ground_homography()
    bottom = plane[2, 0] * x + plane[2, 1] * y + plane[2, 2]
    east = (plane[0, 0] * x + plane[0, 1] * y + plane[0, 2]) / bottom
    north = (plane[1, 0] * x + plane[1, 1] * y + plane[1, 2]) / bottom
    row = np.floor(north / _SLAB_M)
    column = np.floor(east / _SLAB_M + 0.5 * (row % 2))
    rng = np.random.default_rng(3)
    tones = rng.normal(0.0, 4.0, (64, 64)).astype(np.float32)
    tone = tones[row.astype(np.int64) % 64, column.astype(np.int64) % 64]
    stains = cv2.resize(rng.normal(0, 1, (40, 40)).astype(np.float32), (640, 640),
                        interpolation=cv2.INTER_CUBIC)  # fmt: skip
    stain = stains[(north * 12).astype(np.int64) % 640, (east * 12 + 320).astype(np.int64) % 640]
    px_m = camera.focal_px * np.maximum(bottom, 1e-6) / camera.height_m
    soft = np.clip(px_m * _JOINT_M / 1.2, 0.15, 1.0)
    joint = np.minimum(_to_joint(north / _SLAB_M), _to_joint(east / _SLAB_M + 0.5 * (row % 2)))
    is_joint = joint < np.maximum(_JOINT_M / _SLAB_M, 0.5 / (px_m * _SLAB_M))
    grain = np.resize(rng.normal(0.0, 2.2, (97, width)), (height, width))
    light = 158 + tone + 5.0 * stain - 34.0 * soft * is_joint + grain
    light *= 1.0 - 0.10 * ((x / width - 0.45) ** 2 + (y / height - 0.6) ** 2)
    tint = np.array([0.965, 0.99, 1.0])
    ground: Image = np.clip(light[:, :, None] * tint, 0, 255).astype(np.uint8)
    return ground


def _to_joint(slabs: FloatArray) -> FloatArray:
    share = slabs - np.floor(slabs)
    nearest: FloatArray = np.minimum(share, 1 - share)
    return nearest


def _facade(image: Image, place: Place, wall: Wall) -> None:
    """A building with a plinth, rows of windows and the place's doors."""
    (west, y), (east, _) = wall.path[0], wall.path[-1]
    scale = _TEXTURE_PX_PER_M
    width, height = round((east - west) * scale), round(wall.height_m * scale)
    front = np.empty((height, width, 3), np.uint8)
    front[:] = _PLASTER
    plinth = round(0.7 * scale)
    front[height - plinth :] = _STONE
    front[height - plinth - 4 : height - plinth] = (130, 138, 146)
    for sill_m in np.arange(1.3, wall.height_m - 1.5, 3.2):
        for left_m in np.arange(1.0, east - west - 2.0, 3.1):
            _window(front, round(left_m * scale), height - round(sill_m * scale))
    for (left, door_y), (right, _) in place.doors:
        if abs(door_y - y) > 0.5:
            continue
        at = round((left - west) * scale), round((right - west) * scale)
        top = height - round(2.6 * scale)
        cv2.rectangle(front, (at[0] - 10, top - 10), (at[1] + 10, height), _FRAME, -1)
        cv2.rectangle(front, (at[0], top), (at[1], height), _DOOR, -1)
        cv2.rectangle(front, (at[0] - 20, top - 26), (at[1] + 20, top - 10), (90, 70, 50), -1)
    corners = np.array([[west, y, wall.height_m], [east, y, wall.height_m], [east, y, 0.0],
                        [west, y, 0.0]])  # fmt: skip
    seen = place.camera.project(corners).astype(np.float32)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    size = place.camera.picture_wh
    matrix = cv2.getPerspectiveTransform(flat, seen)
    drawn = cv2.warpPerspective(front, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    shade = np.round(place.camera.to_image(np.array([[west, y - 0.9], [east, y - 0.9]])))
    foot = np.array([*shade, *np.round(seen[2:4])], np.int32)
    dark = image.copy()
    cv2.fillPoly(dark, [foot], (100, 98, 96))
    image[:] = cv2.addWeighted(image, 0.65, dark, 0.35, 0)
    np.copyto(image, drawn, where=mask[:, :, None] > 127)


def _window(front: Image, left: int, bottom: int) -> None:
    wide, tall = round(1.4 * _TEXTURE_PX_PER_M), round(1.7 * _TEXTURE_PX_PER_M)
    cv2.rectangle(front, (left - 5, bottom - tall - 5), (left + wide + 5, bottom + 5), _FRAME, -1)
    cv2.rectangle(front, (left, bottom - tall), (left + wide, bottom), _GLASS, -1)
    shine = np.array([[left, bottom - tall], [left + wide // 2, bottom - tall],
                      [left, bottom - tall // 3]], np.int32)  # fmt: skip
    cv2.fillPoly(front, [shine], (140, 128, 116))
    cv2.line(front, (left + wide // 2, bottom - tall), (left + wide // 2, bottom), _FRAME, 3)


def _stage(image: Image, camera: MastCamera, wall: Wall) -> None:
    """A platform with a dark front, a back wall and two speakers."""
    corners = np.array(wall.path)
    floor = camera.to_image(corners)
    top = camera.to_image(corners, height_m=wall.height_m)
    back = camera.to_image(corners[[0, 3]], height_m=6.0)
    _fill(image, [top[0], back[0], back[1], top[3]], (58, 46, 44))
    _fill(image, list(top), (84, 92, 104))
    _fill(image, [floor[1], top[1], top[2], floor[2]], (44, 42, 42))
    for x in (corners[1, 0] + 0.7, corners[2, 0] - 0.7):
        foot = np.array([[x - 0.5, corners[1, 1] + 0.6], [x + 0.5, corners[1, 1] + 0.6]])
        low, high = camera.to_image(foot, height_m=wall.height_m), camera.to_image(foot, height_m=4)
        _fill(image, [low[0], high[0], high[1], low[1]], (30, 30, 32))
    cv2.polylines(image, [np.round(back).astype(np.int32)], False, (120, 118, 116), 4, cv2.LINE_AA)


def _fill(image: Image, corners: list[FloatArray], colour: tuple[int, int, int]) -> None:
    cv2.fillPoly(image, [np.round(np.array(corners)).astype(np.int32)], colour, cv2.LINE_AA)


def _px(point: FloatArray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
