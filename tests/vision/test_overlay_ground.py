"""What is laid on the ground: density on one scale, the monitored outline, labels of groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import Overlay
from backend.core.measurements import Cluster, CrowdPicture, DensityMap, Quality
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.vision.overlay import OverlayRenderer, palette
from backend.vision.overlay.ground_heat import warp_density
from tests import builders

WH = (640, 480)
HEAT = frozenset({Overlay.HEAT})
ABOVE = (80.0, 0.0, 0.0, 0.0, 80.0, 0.0, 0.0, 0.0, 1.0)
"""Straight down on 8 m × 6 m: 80 pixels a metre."""

SLANTED = (320.0, 320.0, 0.0, 0.0, 160.0, 480.0, 0.0, 1.0, 1.0)
"""A camera that looks along +y: column 320 (x + y) / (1 + y), row (480 + 160 y) / (1 + y), so
the horizon lies at row 160 and what is behind the camera would appear above it."""


def field(
    values: npt.ArrayLike, *, ground_to_image: tuple[float, ...] = ABOVE, cell_m: float = 0.5
) -> DensityMap:
    return DensityMap(np.asarray(values, np.float32), (0.0, 0.0), cell_m, ground_to_image)


def hill(top: float = 5.0) -> DensityMap:
    """A crowd around the ground point (2 m, 2 m), nobody elsewhere."""
    y, x = np.mgrid[0:13, 0:17] * 0.5
    return field(top * np.exp(-((x - 2) ** 2 + (y - 2) ** 2)))


def snapshot(density: DensityMap | None, **changes: object) -> Snapshot:
    outline = changes.pop("outline", None)
    clusters = changes.pop("clusters", ())
    picture = CrowdPicture(density=density, monitored_px=outline, clusters=clusters)  # type: ignore[arg-type]
    crowd = builders.metrics(count=4.0, calibration_version=1, **changes)
    return builders.snapshot(picture_wh=WH, picture=picture, crowd=crowd)


def shown(
    density: DensityMap | None,
    *,
    overlays: frozenset[Overlay] = HEAT,
    out_wh: tuple[int, int] = WH,
    **changes: object,
) -> npt.NDArray[np.uint8]:
    return OverlayRenderer().render(
        builders.image(width=WH[0], height=WH[1], value=90),
        snapshot(density, **changes),
        overlays=overlays,
        out_wh=out_wh,
    )


def test_the_density_of_a_ground_point_is_found_at_its_pixel() -> None:
    y, x = np.mgrid[0:13, 0:17] * 0.5
    warped = warp_density(field(x + 0.25 * y), WH, np.ones(2))
    for column, row in ((80, 80), (320, 240), (600, 400)):
        ground = (column + 0.5) / 80 + 0.25 * (row + 0.5) / 80
        assert warped[row, column] == pytest.approx(ground, abs=0.01)
    half = warp_density(field(x + 0.25 * y), (320, 240), np.array([0.5, 0.5]))
    assert half[120, 160] == pytest.approx(warped[240, 320], abs=0.02)


def test_perspective_is_followed_and_nothing_appears_above_the_horizon() -> None:
    ones = field(np.ones((41, 41)), ground_to_image=SLANTED)
    warped = warp_density(ones, WH, np.ones(2))
    assert warped[300, 320] == pytest.approx(1.0)
    assert not warped[:158].any(), "there is no ground above the horizon"


def test_off_the_walkable_ground_there_is_no_density_and_walls_do_not_thin_it() -> None:
    values = np.full((13, 17), 3.0)
    values[:, 9:] = np.nan
    warped = warp_density(field(values), WH, np.ones(2))
    assert warped[240, : 4 * 80 - 2] == pytest.approx(3.0)
    assert not warped[:, 5 * 80 + 1 :].any()


def test_nothing_known_draws_nothing() -> None:
    nothing = field(np.full((13, 17), np.nan))
    assert not warp_density(nothing, WH, np.ones(2)).any()


def test_heat_lies_where_the_crowd_is_and_its_colour_is_its_density() -> None:
    warm, hot = shown(hill(2.0)).astype(int), shown(hill(6.0)).astype(int)
    plain = np.full(3, 90)
    at_crowd, elsewhere = np.s_[160, 160], np.s_[400, 300]
    assert np.abs(warm[at_crowd] - plain).max() > 40
    assert np.abs(warm[elsewhere] - plain).max() <= 2
    assert hot[at_crowd].sum() > warm[at_crowd].sum(), "denser is lighter"
    over, far_over = shown(hill(8.0)), shown(hill(12.0))
    assert np.array_equal(over[at_crowd], far_over[at_crowd]), "the scale ends at 6"


def test_heat_stays_inside_the_monitored_area() -> None:
    outline = ((240.0, 0.0), (640.0, 0.0), (640.0, 480.0), (240.0, 480.0))
    picture = shown(hill(), outline=outline).astype(int)
    assert np.abs(picture[160, 100:225] - 90).max() <= 2


def test_the_same_density_has_the_same_colour_at_any_size() -> None:
    large, small = shown(hill()), shown(hill(), out_wh=(320, 240))
    assert np.abs(large[160, 160].astype(int) - small[80, 80].astype(int)).max() <= 6


def test_the_legend_says_unit_and_trust() -> None:
    legend = np.s_[400:, 440:]
    plain = shown(hill())[legend]
    names = {
        trust: shown(hill(), quality={"peak_density_per_m2": Quality(trust)})[legend]
        for trust in (Trust.ESTIMATED, Trust.DEGRADED, Trust.SATURATED)
    }
    uncalibrated = shown(None)[legend]
    for one in names.values():
        assert not np.array_equal(one, plain)
        assert not np.array_equal(one, uncalibrated)


@pytest.mark.parametrize("wh", [(1920, 1080), (854, 480), (405, 720), (64, 48), (17, 9)])
def test_ground_overlays_can_be_drawn_at_any_size(wh: tuple[int, int]) -> None:
    outline = ((-50.0, 300.0), (320.0, 100.0), (900.0, 700.0))
    group = Cluster((1, 2, 3, 4), np.array([[1, 470], [639, 479]], np.float32), 2.0, 2.0)
    everything = frozenset(Overlay)
    picture = shown(hill(), overlays=everything, out_wh=wh, outline=outline, clusters=(group,))
    assert picture.shape == (wh[1], wh[0], 3)


def test_the_outline_is_drawn_where_it_is_not_the_pictures_border() -> None:
    whole = ((0.0, 0.0), (640.0, 0.0), (640.0, 480.0), (0.0, 480.0))
    part = ((0.0, 200.0), (640.0, 200.0), (640.0, 480.0), (0.0, 480.0))
    hud = frozenset({Overlay.HUD})
    without = shown(None, overlays=hud)
    assert np.array_equal(shown(None, overlays=hud, outline=whole), without)
    drawn = (shown(None, overlays=hud, outline=part) != without).any(axis=2)
    rows, columns = np.nonzero(drawn)
    assert rows.min() >= 196
    assert rows.max() <= 204
    assert columns.max() > 600
    boxes = frozenset({Overlay.BOXES})
    assert np.array_equal(shown(None, overlays=boxes, outline=part), shown(None, overlays=boxes))


def test_a_group_that_measures_its_density_is_labelled_with_it() -> None:
    hull = np.array([[200, 200], [300, 200], [250, 300]], np.float32)
    overlays = frozenset({Overlay.CLUSTERS})
    group = Cluster((1, 2, 3, 4), hull, 2.0, 2.0)
    bare = shown(None, overlays=overlays, clusters=(replace(group, density_per_m2=None),))
    labelled = shown(None, overlays=overlays, clusters=(group,))
    rows, _ = np.nonzero((bare != labelled).any(axis=2))
    assert rows.min() > 300, "below the feet"
    assert (labelled == np.array(palette.CLUSTER, np.uint8)).all(axis=2).any()
    pair = replace(group, track_ids=(1, 2))
    assert np.array_equal(shown(None, overlays=overlays, clusters=(pair,)), bare)
