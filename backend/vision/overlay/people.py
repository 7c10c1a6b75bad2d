"""What is drawn at the people: corner boxes, labels, trails, arrows, proximity, clusters."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.measurements import Cluster, ProximityPair, TrackView
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import SHIFT, Canvas, Occupancy, colour_plane, fixed
from backend.vision.overlay.text import BOLD, draw_text, text_width

_TRAIL_POINTS = 11
_TRAIL_SEGMENTS_ALL = 700
_ARROW_SECONDS = 0.6
_LABELS_MOST = 120
_CLUSTER_LABELS_MOST = 12
_LABELLED_FROM = 4
_CIRCLE = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 22)), np.sin(np.linspace(0, 2 * np.pi, 22))], axis=1
)
_GROUND_CIRCLE = _CIRCLE * [1.0, 0.42]
"""Circles lie on the ground: drawn flatter than wide."""


def draw_clusters(canvas: Canvas, clusters: Sequence[Cluster]) -> None:
    """Translucent hulls with an outline, grown a little so that the members' feet are inside."""
    margin = 26.0 * canvas.unit
    for cluster in clusters:
        points = canvas.to_output(cluster.hull_px)
        ring = (points[:, None] + (_CIRCLE[None, ::3] * [margin, margin * 0.7])).reshape(-1, 2)
        hull = cv2.convexHull(ring.astype(np.float32)).reshape(-1, 2).astype(np.float64)
        _fill_translucent(canvas, hull, palette.CLUSTER, 0.20)
        cv2.polylines(
            canvas.image,
            [fixed(hull)],
            True,
            palette.CLUSTER,
            canvas.stroke(1.6),
            cv2.LINE_AA,
            SHIFT,
        )


def draw_trails(canvas: Canvas, tracks: Sequence[TrackView]) -> None:
    """Foot positions of the last frames, fading out into the picture towards the past."""
    most = max(min(_TRAIL_POINTS, _TRAIL_SEGMENTS_ALL // max(len(tracks), 1)), 2)
    picked = [_spread(track.trail_px, most) for track in tracks if len(track.trail_px) > 1]
    if not picked:
        return
    lengths = np.array([len(trail) for trail in picked])
    points = canvas.to_output(np.concatenate(picked))
    last = np.cumsum(lengths) - 1
    within = np.ones(len(points), bool)
    within[last] = False
    begin = np.flatnonzero(within)
    place = begin - np.repeat(last - lengths + 1, lengths - 1)
    opacity = 0.12 + 0.83 * place / np.maximum(np.repeat(lengths - 2, lengths - 1), 1)
    colours = _mixed_with_picture(canvas, (points[begin] + points[begin + 1]) / 2, opacity)
    corners = fixed(points).tolist()
    thin, thick = max(canvas.stroke(2.0), 1), max(canvas.stroke(3.2), 2)
    widths = np.where(opacity > 0.5, thick, thin).tolist()
    image = canvas.image
    for index, colour, width in zip(begin.tolist(), colours.tolist(), widths, strict=True):
        cv2.line(image, corners[index], corners[index + 1], colour, width, cv2.LINE_AA, SHIFT)


def _spread(trail: npt.NDArray[np.float32], most: int) -> npt.NDArray[np.float32]:
    """At most ``most`` points of a trail, evenly spread, the newest always among them."""
    step = -(-len(trail) // most)
    return trail[(len(trail) - 1) % step :: step] if len(trail) > most else trail


def draw_proximity(
    canvas: Canvas, pairs: Sequence[ProximityPair], tracks: Sequence[TrackView]
) -> None:
    """A ring on the ground around everybody too close to somebody, and a line between them."""
    if not pairs:
        return
    feet = {pair.first_id: pair.first_px for pair in pairs}
    feet |= {pair.second_id: pair.second_px for pair in pairs}
    widths = {track.track_id: track.box_xyxy[2] - track.box_xyxy[0] for track in tracks}
    radii = np.array([widths.get(track_id, 40.0) for track_id in feet]) * 0.62 * canvas.scale[0]
    radii = np.maximum(radii, 7 * canvas.unit)
    centres = canvas.to_output(list(feet.values()))
    # hair-wide rings beside one another: five times faster than one wide anti-aliased ring
    radii = radii[:, None] - 0.7 * np.arange(canvas.stroke(1.8))
    rings = centres[:, None, None] + radii[..., None, None] * _GROUND_CIRCLE
    links = fixed(canvas.to_output([(pair.first_px, pair.second_px) for pair in pairs]))
    image, colour = canvas.image, palette.PROXIMITY
    cv2.polylines(image, list(links), False, colour, canvas.stroke(1.2), cv2.LINE_AA, SHIFT)
    outlines = list(fixed(rings.reshape(-1, len(_CIRCLE), 2)))
    cv2.polylines(image, outlines, True, colour, 1, cv2.LINE_AA, SHIFT)


def draw_boxes(canvas: Canvas, tracks: Sequence[TrackView]) -> None:
    """Corner-style boxes with a dark edge, readable on light and dark ground."""
    if not tracks:
        return
    corners = _corners(canvas, np.array([track.box_xyxy for track in tracks], np.float64))
    odd = np.repeat([track.is_anomalous for track in tracks], 4)
    width = max(canvas.stroke(2.4), 2)
    edge = width + (2 if width > 2 else 1)
    cv2.polylines(canvas.image, list(corners), False, palette.OUTLINE, edge)
    for chosen, colour in ((~odd, palette.PERSON), (odd, palette.ANOMALY)):
        cv2.polylines(canvas.image, list(corners[chosen]), False, colour, width)


def draw_arrows(canvas: Canvas, tracks: Sequence[TrackView]) -> None:
    """An arrow at the feet of everybody who moves, as long as the way of 0.6 seconds."""
    moving = [track for track in tracks if track.velocity_px_per_s is not None]
    if not moving:
        return
    feet = canvas.to_output([track.foot_px for track in moving])
    velocities = [track.velocity_px_per_s or (0.0, 0.0) for track in moving]
    ways = canvas.to_output(velocities) * _ARROW_SECONDS
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    seen = lengths >= 9.0 * canvas.unit
    if not seen.any():
        return
    feet, direction = feet[seen], ways[seen] / lengths[seen, None]
    lengths = np.clip(lengths[seen], 20 * canvas.unit, 90 * canvas.unit)[:, None]
    head = 9.0 * canvas.unit + 1.5
    tip = feet + direction * lengths
    neck, side = tip - direction * head, direction[:, ::-1] * [-0.55 * head, 0.55 * head]
    notch = neck + direction * head * 0.22
    shafts = list(fixed(np.stack([feet, notch], axis=1)))
    heads = list(fixed(np.stack([tip, neck + side, notch, neck - side], axis=1)))
    image, width, edge = canvas.image, canvas.stroke(2.4), canvas.stroke(2.0) + 1
    cv2.polylines(image, shafts, False, palette.OUTLINE, width + 2, cv2.LINE_AA, SHIFT)
    cv2.polylines(image, heads, True, palette.OUTLINE, edge, cv2.LINE_AA, SHIFT)
    cv2.polylines(image, shafts, False, palette.ARROW, width, cv2.LINE_AA, SHIFT)
    for arrow_head in heads:
        cv2.fillPoly(image, [arrow_head], palette.ARROW, cv2.LINE_AA, SHIFT)


def draw_outline(canvas: Canvas, corners_px: Sequence[tuple[float, float]]) -> None:
    """The monitored area's border, where it is not the picture's: thin, light on dark."""
    corners = canvas.to_output(corners_px)
    edges = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
    far = np.array([canvas.width, canvas.height]) - 2
    along = np.concatenate([(edges <= 2).all(axis=1), (edges >= far).all(axis=1)], axis=1)
    lines = list(fixed(edges[~along.any(axis=1)]))
    image, width = canvas.image, canvas.stroke(1.5)
    cv2.polylines(image, lines, False, palette.OUTLINE, width + 1, cv2.LINE_AA, SHIFT)
    cv2.polylines(image, lines, False, palette.MONITORED, width, cv2.LINE_AA, SHIFT)


def draw_cluster_labels(canvas: Canvas, occupied: Occupancy, clusters: Sequence[Cluster]) -> None:
    """How many stand together and how densely, below the densest groups of at least four."""
    size = canvas.text_size(17, 11)
    groups = [
        (cluster.density_per_m2, cluster)
        for cluster in clusters
        if cluster.density_per_m2 is not None and len(cluster.track_ids) >= _LABELLED_FROM
    ]
    groups.sort(key=lambda group: -group[0])
    for density, cluster in groups[:_CLUSTER_LABELS_MOST]:
        text = f"{len(cluster.track_ids)} · {density:.1f} /m²"
        points = canvas.to_output(cluster.hull_px)
        width, height = text_width(text, size, BOLD) + 2 * max(size // 3, 3), round(size * 1.35)
        x = min(max(round(points[:, 0].mean() - width / 2), 0), max(canvas.width - width, 0))
        y = round(points[:, 1].max() + 20 * canvas.unit)
        y = min(y, canvas.height - height)
        box = (x, y, x + width, y + height)
        if occupied.take(box):
            canvas.shade(box, palette.SURFACE, 0.72)
            at = (x + max(size // 3, 3), y + height - round(size * 0.34))
            draw_text(canvas.image, text, at=at, size=size, colour=palette.CLUSTER, weight=BOLD)


def draw_labels(
    canvas: Canvas, occupied: Occupancy, tracks: Sequence[TrackView], *, calibrated: bool
) -> None:
    """Id and speed beside each box: inside the picture, never one over another.

    Anomalous people come first, then the large ones; who finds no room gets the id alone,
    or nothing. ``calibrated`` decides the unit for everybody: m/s or px/s, never mixed.
    """
    size = canvas.text_size(17, 11)
    order = sorted(tracks, key=lambda track: (not track.is_anomalous, -_box_height(track)))
    for track in order[:_LABELS_MOST]:
        name = f"! {track.track_id}" if track.is_anomalous else f"{track.track_id}"
        speed = speed_text(track, calibrated=calibrated)
        texts = [f"{name} · {speed}", name] if speed else [name]
        _place_label(canvas, occupied, track, texts, size)


def speed_text(track: TrackView, *, calibrated: bool) -> str:
    """Return "1.2 m/s", or "84 px/s" uncalibrated; empty while undefined."""
    if calibrated:
        return "" if track.speed_mps is None else f"{track.speed_mps:.1f} m/s"
    if track.velocity_px_per_s is None:
        return ""
    return f"{float(np.hypot(*track.velocity_px_per_s)):.0f} px/s"


def _place_label(
    canvas: Canvas, occupied: Occupancy, track: TrackView, texts: Sequence[str], size: int
) -> None:
    """Try above, inside and below the box, the long text first."""
    scale_x, scale_y = canvas.scale.tolist()
    left, top = round(track.box_xyxy[0] * scale_x), round(track.box_xyxy[1] * scale_y)
    bottom = round(track.box_xyxy[3] * scale_y)
    pad_x, height = max(size // 3, 3), round(size * 1.35)
    gap = canvas.stroke(2.4) + 2
    colour = palette.ANOMALY if track.is_anomalous else palette.TEXT
    for text in texts:
        width = text_width(text, size, BOLD) + 2 * pad_x
        x = min(max(left - 1, 0), max(canvas.width - width, 0))
        for y in (top - height - gap, top + gap, bottom + gap):
            if y < 0 or y + height > canvas.height:
                continue
            box = (x, y, x + width, y + height)
            if occupied.take(box):
                canvas.shade(box, palette.SURFACE, 0.72)
                at = (x + pad_x, y + height - round(size * 0.34))
                draw_text(canvas.image, text, at=at, size=size, colour=colour, weight=BOLD)
                return


def _box_height(track: TrackView) -> float:
    return track.box_xyxy[3] - track.box_xyxy[1]


def _corners(canvas: Canvas, boxes_xyxy: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Return (4 N, 3, 2) output pixels: four open corners of three points for each box."""
    limit = np.tile([canvas.width - 1, canvas.height - 1], 2)
    boxes = np.clip(boxes_xyxy * np.tile(canvas.scale, 2), 0, limit)
    arm = 0.26 * np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    arm = np.clip(arm, 3, 26 * canvas.unit)
    corners = np.empty((len(boxes), 4, 3, 2))
    for number, (column, row) in enumerate(((0, 1), (2, 1), (0, 3), (2, 3))):
        corner = corners[:, number]
        corner[:] = boxes[:, None, (column, row)]
        corner[:, 0, 1] += arm if row == 1 else -arm
        corner[:, 2, 0] += arm if column == 0 else -arm
    return corners.reshape(-1, 3, 2).round().astype(np.int32)


def _mixed_with_picture(
    canvas: Canvas, points: npt.NDArray[np.float64], opacity: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
    """Trail colour mixed with what lies below each point: a fade without a blended layer."""
    columns = np.clip(points[:, 0].round().astype(int), 0, canvas.width - 1)
    rows = np.clip(points[:, 1].round().astype(int), 0, canvas.height - 1)
    below = canvas.image[rows, columns].astype(np.float64)
    mixed = below + (np.array(palette.PERSON, np.float64) - below) * opacity[:, None]
    return np.asarray(mixed.round(), np.uint8)


def _fill_translucent(
    canvas: Canvas, polygon: npt.NDArray[np.float64], colour: palette.Colour, opacity: float
) -> None:
    """Mix ``colour`` into the inside of ``polygon`` (output pixels)."""
    low = np.clip(np.floor(polygon.min(axis=0)), 0, (canvas.width, canvas.height)).astype(int)
    high = np.clip(np.ceil(polygon.max(axis=0)) + 1, 0, (canvas.width, canvas.height)).astype(int)
    region = canvas.image[low[1] : high[1], low[0] : high[0]]
    if not region.size:
        return
    mask = np.zeros(region.shape[:2], np.uint8)
    cv2.fillPoly(mask, [fixed(polygon - low)], (255,), cv2.LINE_AA, SHIFT)
    plane = colour_plane(colour, *region.shape[:2])
    mixed = cv2.addWeighted(region, 1 - opacity, plane, opacity, 0)
    cv2.copyTo(mixed, mask, region)
