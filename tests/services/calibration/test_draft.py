"""What is refused before anything is solved, with the place of the mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.calibration import CalibrationMethod
from backend.core.errors import InvalidInputError
from backend.services.calibration.draft import (
    CalibrationDraft,
    MarkedPoint,
    MarkedRectangle,
    check_draft,
    draft_from_json,
)
from backend.services.metric_views import as_json

CORNERS = ((100.0, 340.0), (540.0, 340.0), (420.0, 120.0), (220.0, 120.0))
GROUND = ((0.0, 0.0), (6.0, 0.0), (6.0, 12.0), (0.0, 12.0))
MARKS = tuple(MarkedPoint(image, world) for image, world in zip(CORNERS, GROUND, strict=True))
POINTS = CalibrationDraft(method=CalibrationMethod.POINTS, picture_wh=(640, 360), points=MARKS)
RECTANGLE = CalibrationDraft(
    method=CalibrationMethod.RECTANGLE,
    picture_wh=(640, 360),
    rectangle=MarkedRectangle(CORNERS, 6.0, 12.0),
)
HEIGHTS = CalibrationDraft(
    method=CalibrationMethod.HEIGHTS, picture_wh=(640, 360), field_of_view_deg=60.0
)


def marks(number: int, **changes: object) -> tuple[MarkedPoint, ...]:
    """Return the points with one of them changed."""
    changed = replace(MARKS[number], **changes)  # type: ignore[arg-type]
    return (*MARKS[:number], changed, *MARKS[number + 1 :])


def test_sound_drafts_pass() -> None:
    for draft in (POINTS, RECTANGLE, HEIGHTS, replace(HEIGHTS, field_of_view_deg=None)):
        check_draft(replace(draft, monitored_area=CORNERS, walkable_area=CORNERS))


@pytest.mark.parametrize(
    ("draft", "field", "words"),
    [
        (replace(POINTS, picture_wh=(32, 360)), "/picture_wh", "64 to 16384"),
        (replace(POINTS, picture_wh=(640, 20_000)), "/picture_wh", "64 to 16384"),
        (replace(POINTS, picture_wh=(1280, 100)), "/picture_wh", "8 times"),
        (replace(POINTS, points=None), "/points", "needs points"),
        (replace(POINTS, points=MARKS[:3]), "/points", "4 to 100"),
        (replace(POINTS, points=MARKS * 26), "/points", "104 were given"),
        (replace(POINTS, points=marks(2, image=(641.0, 10.0))), "/points/2/image", "Point 3"),
        (replace(POINTS, points=marks(0, image=(-1.0, 10.0))), "/points/0/image", "outside"),
        (replace(POINTS, points=marks(0, image=(float("nan"), 1.0))), "/points/0/image", "outside"),
        (replace(POINTS, points=marks(3, world=(0.0, 10_001.0))), "/points/3/world", "metres"),
        (replace(POINTS, points=marks(3, world=(float("inf"), 0.0))), "/points/3/world", "metres"),
        (replace(POINTS, rectangle=RECTANGLE.rectangle), "/rectangle", "belongs to the method"),
        (replace(POINTS, field_of_view_deg=60.0), "/field_of_view_deg", "belongs to the method"),
        (replace(RECTANGLE, points=MARKS), "/points", "belongs to the method points"),
        (replace(HEIGHTS, points=MARKS), "/points", "belongs to the method points"),
        (replace(RECTANGLE, rectangle=None), "/rectangle", "needs rectangle"),
        (
            replace(RECTANGLE, rectangle=MarkedRectangle(CORNERS[:3], 6.0, 12.0)),
            "/rectangle/corners",
            "four corners",
        ),
        (
            replace(RECTANGLE, rectangle=MarkedRectangle((*CORNERS[:3], (0, 400)), 6.0, 12.0)),
            "/rectangle/corners/3",
            "Corner 4",
        ),
        (
            replace(RECTANGLE, rectangle=MarkedRectangle(CORNERS, 0.0, 12.0)),
            "/rectangle/width_m",
            "between 0.1",
        ),
        (
            replace(RECTANGLE, rectangle=MarkedRectangle(CORNERS, 6.0, float("nan"))),
            "/rectangle/length_m",
            "between 0.1",
        ),
        (replace(HEIGHTS, field_of_view_deg=5.0), "field_of_view_deg", "10°"),
        (replace(HEIGHTS, field_of_view_deg=float("nan")), "field_of_view_deg", "10°"),
        (replace(POINTS, monitored_area=CORNERS[:2]), "/monitored_area", "3 to 100"),
        (replace(POINTS, walkable_area=CORNERS * 26), "/walkable_area", "3 to 100"),
        (
            replace(POINTS, monitored_area=(*CORNERS[:3], (float("inf"), 0.0))),
            "/monitored_area/3",
            "not a number",
        ),
        (
            replace(POINTS, walkable_area=(*CORNERS[:3], (0.0, 361.0))),
            "/walkable_area/3",
            "outside the picture",
        ),
        (
            replace(POINTS, monitored_area=(CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3])),
            "/monitored_area",
            "crosses",
        ),
        (
            replace(POINTS, monitored_area=((0.0, 0.0), (10.0, 10.0), (20.0, 20.0))),
            "/monitored_area",
            "no area",
        ),
    ],
)
def test_refusals_name_the_place_and_the_reason(
    draft: CalibrationDraft, field: str, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        check_draft(draft)
    assert caught.value.field == field


@pytest.mark.parametrize("draft", [POINTS, RECTANGLE, HEIGHTS])
def test_a_draft_survives_its_way_through_the_database(draft: CalibrationDraft) -> None:
    given = replace(draft, monitored_area=CORNERS)
    read = draft_from_json(as_json(given), method=given.method.value, picture_wh=given.picture_wh)
    assert read == given
