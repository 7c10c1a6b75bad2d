"""Frame + snapshot → annotated picture, at the size it will be shown in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

import numpy as np

from backend.core.camera import Overlay
from backend.core.frame import Image
from backend.core.snapshot import Snapshot
from backend.vision.overlay import ground_heat, heat, map_heat, people, places
from backend.vision.overlay.canvas import Canvas, Occupancy, scale_image
from backend.vision.overlay.heads import draw_heads
from backend.vision.overlay.hud import draw_hud
from backend.vision.overlay.legend import Legend, draw_legend
from backend.vision.overlay.map_heat import LiveMap
from backend.vision.overlay.place_labels import draw_place_labels
from backend.vision.overlay.wording import counted_on, describe, is_calibrated, quality_of

_SHOWS_OUTLINE = frozenset({Overlay.HUD, Overlay.HEAT})
"""What speaks of the monitored area shows where it is."""


@dataclass(frozen=True, slots=True)
class OverlayParams:
    """How the overlays are drawn.

    Attributes:
        heat_sigma_px: Standard deviation of one person's heat, pixels of the full frame.
        zone: Time zone of the clock in the display (the venue's).
    """

    heat_sigma_px: float = 15.0
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        if not self.heat_sigma_px > 0:
            raise ValueError(f"heat_sigma_px must be above 0, got {self.heat_sigma_px}")


class OverlayRenderer:
    """Draws snapshots; holds parameters only, so one may serve several threads."""

    def __init__(self, params: OverlayParams | None = None) -> None:
        self._params = params or OverlayParams()

    def render(
        self,
        image: Image,
        snapshot: Snapshot,
        *,
        overlays: frozenset[Overlay],
        out_wh: tuple[int, int] | None = None,
        history: Sequence[float] = (),
    ) -> Image:
        """Return a new picture of ``out_wh`` with the wanted overlays; never draws on ``image``.

        Args:
            image: (H, W, 3) uint8 BGR, the frame the snapshot was measured on.
            snapshot: Geometry in pixels of ``snapshot.picture_wh``.
            overlays: What to draw; empty gives the scaled picture alone.
            out_wh: Width and height of the result, None for the size of ``image``.
            history: Past counts, oldest first, for the sparkline; NaN where unknown.
        """
        height, width = image.shape[:2]
        scaled = scale_image(image, out_wh or (width, height))
        canvas = Canvas.over(scaled, snapshot.picture_wh)
        picture, live = snapshot.picture, LiveMap.of(snapshot)
        if Overlay.HEAT in overlays:
            self._draw_heat(canvas, snapshot, live)
        if Overlay.PLACES in overlays:
            places.draw_zones(canvas, snapshot.camera_places.zones)
        if picture.monitored_px is not None and overlays & _SHOWS_OUTLINE:
            people.draw_outline(canvas, picture.monitored_px)
        if Overlay.CLUSTERS in overlays:
            people.draw_clusters(canvas, picture.clusters)
        if Overlay.TRAILS in overlays:
            people.draw_trails(canvas, picture.tracks)
        if Overlay.PROXIMITY in overlays:
            people.draw_proximity(canvas, picture.pairs, picture.tracks)
        if Overlay.BOXES in overlays and live is not None:
            draw_heads(canvas, live, picture.tracks)
        if Overlay.BOXES in overlays and picture.tracks:
            people.draw_boxes(canvas, picture.tracks)
        if Overlay.ARROWS in overlays:
            people.draw_arrows(canvas, picture.tracks)
        if Overlay.PLACES in overlays:
            places.draw_lines(canvas, snapshot.camera_places.lines)
        self._draw_words(canvas, snapshot, overlays, history)
        return canvas.image

    def _draw_words(
        self,
        canvas: Canvas,
        snapshot: Snapshot,
        overlays: frozenset[Overlay],
        history: Sequence[float],
    ) -> None:
        """Panels first, so that labels keep away from them."""
        if Overlay.HUD in overlays:
            draw_hud(canvas, describe(snapshot, self._params.zone), history)
        if Overlay.HEAT in overlays:
            draw_legend(canvas, self._legend(snapshot))
        occupied = Occupancy.around(canvas)
        if Overlay.PLACES in overlays:
            draw_place_labels(canvas, occupied, snapshot)
        if Overlay.CLUSTERS in overlays:
            people.draw_cluster_labels(canvas, occupied, snapshot.picture.clusters)
        if Overlay.BOXES in overlays:
            calibrated = is_calibrated(snapshot)
            tracks = snapshot.picture.tracks
            people.draw_labels(canvas, occupied, tracks, calibrated=calibrated)

    def _legend(self, snapshot: Snapshot) -> Legend:
        """What the colours of `_draw_heat` stand for."""
        metrics = snapshot.metrics
        if snapshot.picture.density is not None:
            trust = quality_of(metrics, "peak_density_per_m2").trust
            return ground_heat.ground_legend(trust, counted_on(metrics))
        if LiveMap.of(snapshot) is not None:
            return map_heat.map_legend(counted_on(metrics), at_least=metrics.count_high is None)
        return heat.heat_legend(self._params.heat_sigma_px)

    def _draw_heat(self, canvas: Canvas, snapshot: Snapshot, live: LiveMap | None) -> None:
        """People per square metre where the ground is known, else per area of the picture."""
        picture = snapshot.picture
        if picture.density is not None:
            ground_heat.draw_ground_heat(canvas, picture.density, picture.monitored_px)
        elif live is not None:
            map_heat.draw_map_heat(canvas, live, picture.tracks)
        else:
            feet = np.array([track.foot_px for track in picture.tracks], np.float64)
            sigma = self._params.heat_sigma_px
            heat.draw_heat(canvas, feet.reshape(-1, 2), snapshot.picture_wh, sigma)
