"""The drawing as a viewer meets it: pure, readable, honest about what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import DEFAULT_OVERLAYS, Overlay
from backend.core.measurements import Cluster, CrowdPicture, ProximityPair, TrackView
from backend.core.risk import Cause, RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.vision.overlay import OverlayParams, OverlayRenderer, palette, render_stale
from tests import builders

EVERYTHING = DEFAULT_OVERLAYS | {Overlay.HEAT}


def pedestrian(
    track_id: int = 1,
    *,
    foot: tuple[float, float] = (160.0, 200.0),
    velocity: tuple[float, float] | None = (60.0, 0.0),
    speed_mps: float | None = None,
    is_anomalous: bool = False,
) -> TrackView:
    x, y = foot
    trail = np.stack([np.linspace(x - 60, x, 40), np.full(40, y)], axis=1).astype(np.float32)
    return TrackView(
        track_id=track_id,
        box_xyxy=(x - 15, y - 70, x + 15, y),
        confidence=0.9,
        foot_px=foot,
        velocity_px_per_s=velocity,
        speed_mps=speed_mps,
        trail_px=trail,
        is_anomalous=is_anomalous,
    )


def crowd(*tracks: TrackView, wh: tuple[int, int] = (640, 480)) -> Snapshot:
    feet = np.array([track.foot_px for track in tracks], np.float32).reshape(-1, 2)
    ids = tuple(track.track_id for track in tracks)
    clusters = (Cluster(ids, feet),) if len(tracks) > 1 else ()
    pairs = tuple(
        ProximityPair(a.track_id, b.track_id, a.foot_px, b.foot_px, 50.0)
        for a, b in pairwise(tracks)
    )
    picture = CrowdPicture(tracks, clusters, pairs)
    return builders.snapshot(
        picture=picture,
        picture_wh=wh,
        crowd=builders.metrics(count=len(tracks)),
        camera_places=builders.camera_places(builders.zone(), builders.counting_line()),
    )


def canvas(wh: tuple[int, int] = (640, 480), value: int = 90) -> npt.NDArray[np.uint8]:
    return builders.image(width=wh[0], height=wh[1], value=value)


def has_colour(picture: npt.NDArray[np.uint8], colour: palette.Colour) -> bool:
    return bool((picture == np.array(colour, np.uint8)).all(axis=2).any())


def test_never_draws_on_its_input_and_returns_a_new_picture() -> None:
    frame = canvas()
    frame.flags.writeable = False
    before = frame.copy()
    for out_wh in (None, (320, 240), (213, 160)):
        shown = OverlayRenderer().render(
            frame, crowd(pedestrian()), overlays=EVERYTHING, out_wh=out_wh
        )
        assert np.array_equal(frame, before)
        assert not np.shares_memory(shown, frame)
        assert shown.shape == ((*(out_wh or (640, 480))[::-1], 3))
        assert shown.dtype == np.uint8


def test_without_overlays_only_the_scaled_picture_is_left() -> None:
    frame = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    shown = OverlayRenderer().render(frame, crowd(pedestrian()), overlays=frozenset())
    assert np.array_equal(shown, frame)


@pytest.mark.parametrize("overlay", list(Overlay))
def test_every_overlay_draws_something_of_its_own(overlay: Overlay) -> None:
    snapshot = crowd(pedestrian(1, foot=(400, 300)), pedestrian(2, foot=(460, 330)))
    frame = canvas()
    shown = OverlayRenderer().render(frame, snapshot, overlays=frozenset({overlay}))
    assert not np.array_equal(shown, frame)


@pytest.mark.parametrize("wh", [(1920, 1080), (854, 480), (720, 1280), (64, 48), (17, 9)])
def test_people_at_the_edges_and_outside_are_drawn_at_any_size(wh: tuple[int, int]) -> None:
    places = [(0, 5), (640, 480), (-30, 200), (700, 100), (320, 1), (320, 520)]
    tracks = [pedestrian(n, foot=(float(x), float(y))) for n, (x, y) in enumerate(places)]
    shown = OverlayRenderer().render(
        canvas(), crowd(*tracks), overlays=EVERYTHING, out_wh=wh, history=[1, 2, 3]
    )
    assert shown.shape == (wh[1], wh[0], 3)


def test_geometry_follows_the_output_scale() -> None:
    snapshot = crowd(pedestrian(foot=(320, 400), velocity=None))
    boxes = frozenset({Overlay.BOXES})
    for out_wh in ((640, 480), (320, 240), (1280, 960)):
        plain = canvas(out_wh)
        shown = OverlayRenderer().render(canvas(), snapshot, overlays=boxes, out_wh=out_wh)
        rows, columns = np.nonzero((shown != plain).any(axis=2))
        scale = out_wh[0] / 640
        assert rows.max() == pytest.approx(400 * scale, abs=4)
        assert columns.min() == pytest.approx(305 * scale, abs=4)


def test_anomalous_people_differ_by_more_than_colour() -> None:
    boxes = frozenset({Overlay.BOXES})
    calm, odd = (
        OverlayRenderer().render(canvas(), crowd(pedestrian(is_anomalous=flag)), overlays=boxes)
        for flag in (False, True)
    )
    assert has_colour(odd, palette.ANOMALY)
    assert not has_colour(calm, palette.ANOMALY)
    grey_calm, grey_odd = (cv2.cvtColor(p, cv2.COLOR_BGR2GRAY) for p in (calm, odd))
    label = np.s_[100:128, 145:260]
    assert not np.array_equal(grey_calm[label] > 128, grey_odd[label] > 128)


def test_trail_fades_towards_the_past() -> None:
    track = pedestrian(foot=(300, 300), velocity=None)
    shown = OverlayRenderer().render(
        canvas(value=0), crowd(track), overlays=frozenset({Overlay.TRAILS})
    )
    strength = shown[298:303].max(axis=(0, 2)).astype(int)
    assert strength[292:298].mean() > 1.5 * strength[262:268].mean() > 0
    assert strength[242:248].mean() < strength[262:268].mean()


def test_still_people_get_no_arrow() -> None:
    arrows = frozenset({Overlay.ARROWS})
    frame = canvas()
    for velocity in (None, (0.5, 0.2)):
        shown = OverlayRenderer().render(
            frame, crowd(pedestrian(velocity=velocity)), overlays=arrows
        )
        assert np.array_equal(shown, frame)


@pytest.mark.parametrize(
    ("level", "trust", "present"),
    [
        (RiskLevel.SAFE, Trust.OK, True),
        (RiskLevel.CRITICAL, Trust.OK, True),
        (RiskLevel.SAFE, Trust.UNKNOWN, False),
    ],
)
def test_level_colour_is_shown_only_when_the_level_is_known(
    level: RiskLevel, trust: Trust, present: bool
) -> None:
    snapshot = builders.snapshot(
        picture_wh=(640, 480),
        crowd=builders.metrics(count=3.0, trust=trust, trust_reason="camera lost"),
        risk=builders.assessment(level=level, score=10.0),
    )
    shown = OverlayRenderer().render(canvas(), snapshot, overlays=frozenset({Overlay.HUD}))
    assert has_colour(shown, palette.LEVEL_COLOURS[level]) is present


def test_levels_differ_without_colour() -> None:
    pictures = []
    for level in RiskLevel:
        snapshot = builders.snapshot(picture_wh=(640, 480), risk=builders.assessment(level=level))
        shown = OverlayRenderer().render(canvas(), snapshot, overlays=frozenset({Overlay.HUD}))
        pictures.append(cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY))
    for first in range(4):
        for second in range(first):
            assert not np.array_equal(pictures[first], pictures[second])


def test_labels_and_display_stay_apart() -> None:
    """A person below the display keeps the box, but no label covers the words."""
    words = replace(crowd(), camera_name="Gate")
    crowded = replace(crowd(*[pedestrian(n, foot=(60.0 + n, 120.0)) for n in range(9)]))
    crowded = replace(crowded, camera_name="Gate", metrics=words.metrics)
    hud = frozenset({Overlay.HUD})
    alone = OverlayRenderer().render(canvas(), words, overlays=hud)
    both = OverlayRenderer().render(canvas(), crowded, overlays=hud | {Overlay.BOXES})
    title = np.s_[8:24, 20:120]
    assert np.abs(alone[title].astype(int) - both[title].astype(int)).max() < 60


def test_the_clock_of_the_display_is_the_venues() -> None:
    pictures = [
        OverlayRenderer(OverlayParams(zone=timezone(timedelta(hours=hours)))).render(
            canvas(), crowd(), overlays=frozenset({Overlay.HUD})
        )
        for hours in (0, 5)
    ]
    assert not np.array_equal(*pictures)


def test_sparkline_leaves_gaps_where_the_count_was_not_known() -> None:
    hud = frozenset({Overlay.HUD})
    render = OverlayRenderer().render
    known = render(canvas(), crowd(), overlays=hud, history=[5.0] * 20)
    gap = render(canvas(), crowd(), overlays=hud, history=[5.0] * 8 + [np.nan] * 4 + [5.0] * 8)
    nothing = render(canvas(), crowd(), overlays=hud, history=[np.nan] * 20)
    without = render(canvas(), crowd(), overlays=hud)
    assert not np.array_equal(known, without)
    assert not np.array_equal(known, gap)
    assert np.array_equal(nothing, without)


def test_long_words_stay_inside_the_display() -> None:
    cause = Cause("density", RiskLevel.WARNING, 4.6, 4.0, "1/m²", "very dense indeed " * 20)
    snapshot = builders.snapshot(
        picture_wh=(640, 480),
        crowd=builders.metrics(count=3.0, trust=Trust.DEGRADED, trust_reason="x" * 300),
        risk=builders.assessment(level=RiskLevel.WARNING, causes=(cause,)),
    )
    snapshot = replace(snapshot, camera_name="W" * 200)
    shown = OverlayRenderer().render(canvas(), snapshot, overlays=frozenset({Overlay.HUD}))
    assert (shown[:, 320:] == 90).all()


def test_parameters_are_checked() -> None:
    with pytest.raises(ValueError, match="heat_sigma_px"):
        OverlayParams(heat_sigma_px=0)


def test_stale_picture_is_grey_dimmed_and_marked() -> None:
    frame = builders.image(width=640, height=360, value=(20, 60, 220))
    before = frame.copy()
    stale = render_stale(frame, 12.4)
    assert np.array_equal(frame, before)
    corner = stale[5, 5].astype(int)
    assert corner.max() - corner.min() == 0
    assert corner.max() < 120
    middle = stale[180 - 40 : 180 + 40]
    assert has_colour(middle, palette.TEXT)
    assert not np.array_equal(render_stale(frame, 12.4), render_stale(frame, 13.4))
