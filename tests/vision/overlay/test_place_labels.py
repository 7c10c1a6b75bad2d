"""Labels of zones and lines: what is known, where there is room, legible on any picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import Overlay
from backend.core.places import (
    CameraPlaces,
    CountingLine,
    LineReading,
    PlaceReadings,
    Zone,
    ZoneReading,
)
from backend.core.risk import RiskLevel, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.vision.overlay import OverlayRenderer, palette
from backend.vision.overlay.canvas import Canvas, Occupancy
from backend.vision.overlay.place_labels import draw_place_labels, line_words, zone_words
from tests import builders

WH = (960, 540)
PLACES = frozenset({Overlay.PLACES})


def shot(
    *drawn: Zone | CountingLine,
    trust: Trust = Trust.OK,
    level: RiskLevel = RiskLevel.SAFE,
) -> Snapshot:
    places = builders.camera_places(*drawn)
    snapshot = builders.snapshot(
        camera_places=places,
        places=builders.place_readings(places, count=12.0, trust=trust),
        picture_wh=WH,
    )
    risks = tuple(ZoneRisk(zone.zone_id, builders.assessment(level=level)) for zone in places.zones)
    return replace(snapshot, zone_risks=risks)


def labels(
    snapshot: Snapshot, *, value: int = 90, reserved: tuple[int, int, int, int] | None = None
) -> npt.NDArray[np.uint8]:
    """Draw the labels alone on a uniform picture."""
    canvas = Canvas.over(builders.image(width=WH[0], height=WH[1], value=value), WH)
    if reserved is not None:
        canvas.reserved.append(reserved)
    draw_place_labels(canvas, Occupancy.around(canvas), snapshot)
    return canvas.image


def ground(picture: npt.NDArray[np.uint8], *, value: int = 90) -> tuple[int, int, int, int]:
    """Bounding box (x0, y0, x1, y1) of what changed."""
    rows, columns = np.nonzero((picture != value).any(axis=2))
    return columns.min(), rows.min(), columns.max(), rows.max()


def has(picture: npt.NDArray[np.uint8], colour: palette.Colour) -> bool:
    return bool((picture == np.array(colour, np.uint8)).all(axis=2).any())


@pytest.mark.parametrize(
    ("changes", "limit", "words"),
    [
        ({}, None, "12"),
        ({}, 20, "12 of 20"),
        ({"trust": Trust.ESTIMATED}, None, "≈ 12"),
        ({"trust": Trust.SATURATED, "count_high": None, "count_low": 9.6}, None, "at least 10"),
        ({"trust": Trust.SATURATED, "count_high": None, "count_low": 0.2}, None, "?"),
        ({"trust": Trust.UNKNOWN}, 20, "—"),
        ({"queue_length": 3.0}, None, "12 · queue 3"),
        ({"queue_length": 3.0, "trust": Trust.DEGRADED}, None, "≈ 12 · queue ≈ 3"),
    ],
)
def test_a_zone_says_how_many_as_surely_as_is_known(
    changes: dict[str, object], limit: int | None, words: str
) -> None:
    sure = ZoneReading(1, 12.2, 12.0, 13.0, Trust.OK)
    reading = replace(sure, **changes)  # type: ignore[arg-type]
    assert zone_words(builders.zone(count_limit=limit), reading) == words


def test_nothing_is_said_before_the_first_reading() -> None:
    assert zone_words(builders.zone(), None) == line_words(None) == ""
    unread = replace(shot(builders.zone(), builders.counting_line()), places=PlaceReadings())
    assert has(labels(unread), palette.TEXT), "their names are there"


def test_a_line_says_who_went_in_and_out() -> None:
    assert line_words(LineReading(1, 12, 3, Trust.OK)) == "in 12 · out 3"
    assert line_words(LineReading(1, 12, 3, Trust.UNKNOWN)) == "in — · out —"


def test_a_label_stands_inside_its_zone() -> None:
    x0, y0, x1, y1 = ground(labels(shot(builders.zone())))
    assert 0.25 * WH[0] <= x0 < x1 <= 0.75 * WH[0]
    assert 0.25 * WH[1] <= y0 < y1 <= 0.75 * WH[1]
    narrow_top = ((0.5, 0.2), (0.8, 0.8), (0.2, 0.8))
    *_, low = ground(labels(shot(builders.zone(corners=narrow_top))))
    assert low > 0.5 * WH[1], "where it is wide enough"


def test_labels_keep_away_from_panels_and_from_each_other() -> None:
    panel = (0, 0, WH[0], WH[1] // 2)
    _, high, *_ = ground(labels(shot(builders.zone()), reserved=panel))
    assert high > WH[1] // 2
    everything = (0, 0, *WH)
    crowded = labels(shot(builders.zone(), builders.counting_line()), reserved=everything)
    assert not (crowded != 90).any()
    one, two = (labels(shot(*(builders.zone(n) for n in range(count)))) for count in (1, 2))
    untouched = (one != 90).any(axis=2)
    assert np.array_equal(one[untouched], two[untouched])


def test_labels_stay_in_the_picture() -> None:
    corner = builders.zone(corners=((0.97, 0.0), (1.0, 0.0), (1.0, 0.03)), name="In the corner")
    edge = builders.counting_line(start=(0.0, 0.0), end=(0.0, 1.0), name="Along the edge")
    assert has(labels(shot(corner)), palette.TEXT)
    assert has(labels(shot(edge)), palette.TEXT)
    for wh in ((160, 90), (17, 9)):
        plain = builders.image(width=wh[0], height=wh[1])
        shown = OverlayRenderer().render(plain, shot(corner, edge), overlays=PLACES, out_wh=wh)
        assert shown.shape == (wh[1], wh[0], 3)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_words_are_light_on_dark_whatever_lies_below(value: int) -> None:
    picture = labels(shot(builders.zone(colour="#000000")), value=value)
    x0, y0, x1, y1 = ground(picture, value=value)
    label = picture[y0 : y1 + 1, x0 : x1 + 1].astype(float).mean(axis=2)
    assert label.max() > 230
    assert np.median(label) < 80


def test_a_sign_tells_from_caution_on_and_only_while_the_zone_is_known() -> None:
    zone = builders.zone()
    for level in (RiskLevel.CAUTION, RiskLevel.WARNING, RiskLevel.CRITICAL):
        colour = palette.LEVEL_COLOURS[level]
        assert has(labels(shot(zone, level=level)), colour)
        assert not has(labels(shot(zone, level=level, trust=Trust.UNKNOWN)), colour)
    assert not has(labels(shot(zone)), palette.LEVEL_COLOURS[RiskLevel.SAFE])


def test_a_long_name_is_shortened_and_its_numbers_stay() -> None:
    long = builders.zone(name="A name that goes on and on and on " * 2)
    x0, _, x1, _ = ground(labels(shot(long)))
    assert x1 - x0 < 0.4 * WH[0]


def test_the_switch_shows_and_hides_everything_of_places() -> None:
    plain = builders.image(width=WH[0], height=WH[1])
    snapshot = shot(builders.zone(), builders.counting_line())
    shown = OverlayRenderer().render(plain, snapshot, overlays=PLACES)
    hidden = OverlayRenderer().render(plain, snapshot, overlays=frozenset({Overlay.BOXES}))
    assert has(shown, palette.bgr(snapshot.camera_places.lines[0].colour))
    assert np.array_equal(hidden, plain)
    without = replace(snapshot, camera_places=CameraPlaces(), places=PlaceReadings())
    assert np.array_equal(OverlayRenderer().render(plain, without, overlays=PLACES), plain)
