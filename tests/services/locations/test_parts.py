"""What a location may be made of: nobody counted twice, nobody added who is not there."""

from __future__ import annotations

import pytest

from backend.core.camera import SourceType
from backend.core.locations import AreaRef, LineRef
from backend.services.locations.known import Known, KnownCamera, KnownLine, KnownZone
from backend.services.locations.parts import Parts, part_problems

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
MIDDLE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
KNOWN = Known(
    cameras={
        1: KnownCamera("North", SourceType.RTSP),
        2: KnownCamera("South", SourceType.USB),
        3: KnownCamera("Drawn", SourceType.SIMULATED),
        4: KnownCamera("Film", SourceType.UPLOAD),
    },
    zones={
        1: KnownZone(1, "Left", LEFT),
        2: KnownZone(1, "Right", RIGHT),
        3: KnownZone(1, "Middle", MIDDLE),
        4: KnownZone(2, "Stage", LEFT),
        5: KnownZone(2, "Bar", MIDDLE),
        6: KnownZone(2, "Exit", RIGHT),
    },
    lines={1: KnownLine(1, "Door"), 2: KnownLine(2, "Gate")},
)
ONE, TWO, DRAWN = AreaRef(1), AreaRef(2), AreaRef(3)
L, R, M, STAGE, BAR = AreaRef(1, 1), AreaRef(1, 2), AreaRef(1, 3), AreaRef(2, 4), AreaRef(2, 5)


def found(parts: Parts) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.detail) for problem in part_problems(parts, KNOWN)]


def pointers(parts: Parts) -> list[str]:
    return [pointer for pointer, _detail in found(parts)]


@pytest.mark.parametrize(
    "parts",
    [
        Parts(),
        Parts((ONE, TWO), (LineRef(1, 1), LineRef(2, 2, True)), ((ONE, TWO),)),
        Parts((L, R, TWO), overlaps=((L, STAGE),)),
        Parts((ONE, TWO), overlaps=((L, STAGE), (R, AreaRef(2, 6)))),
        Parts((DRAWN,)),
    ],
)
def test_what_may_be(parts: Parts) -> None:
    assert found(parts) == []


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        (Parts((AreaRef(9),)), "/areas/0/camera_id"),
        (Parts((ONE, AreaRef(4))), "/areas/1/camera_id"),
        (Parts((AreaRef(2, 1),)), "/areas/0/zone_id"),
        (Parts((AreaRef(1, 99),)), "/areas/0/zone_id"),
        (Parts((L, R, L)), "/areas/2"),
        (Parts((L, ONE)), "/areas/0/zone_id"),
        (Parts((TWO, L, M)), "/areas/2"),
        (Parts((ONE, DRAWN)), "/areas/1/camera_id"),
        (Parts((DRAWN,), (LineRef(1, 1),)), "/lines/0/camera_id"),
        (Parts((), (LineRef(9, 1),)), "/lines/0/camera_id"),
        (Parts((), (LineRef(4, 1),)), "/lines/0/camera_id"),
        (Parts((), (LineRef(1, 2),)), "/lines/0/line_id"),
        (Parts((), (LineRef(1, 1), LineRef(1, 1, True))), "/lines/1"),
        (Parts((ONE,), overlaps=((ONE,),)), "/overlaps/0"),
        (Parts((ONE, TWO), overlaps=((ONE, TWO), ())), "/overlaps/1"),
        (Parts((ONE,), overlaps=((ONE, TWO),)), "/overlaps/0/1"),
        (Parts((L, TWO), overlaps=((R, TWO),)), "/overlaps/0/0"),
        (Parts((L, R), overlaps=((L, R),)), "/overlaps/0/1"),
        (Parts((ONE, TWO), overlaps=((ONE, AreaRef(2, 99)),)), "/overlaps/0/1"),
        (Parts((ONE, TWO), overlaps=((L, STAGE), (L, BAR))), "/overlaps/1/0"),
        (Parts((ONE, TWO), overlaps=((L, STAGE), (R, TWO))), "/overlaps/0"),
    ],
)
def test_what_is_wrong_is_named(parts: Parts, pointer: str) -> None:
    assert pointers(parts)[0] == pointer


def test_zones_that_intersect_are_named_with_their_share() -> None:
    ((pointer, detail),) = found(Parts((L, M)))
    assert pointer == "/areas/1"
    assert "“Left” and “Middle” on “North” overlap by 50 %" in detail
    assert "would count twice" in detail
    assert "Redraw one of them" in detail


def test_zones_of_one_camera_in_two_overlaps_must_lie_apart() -> None:
    ((pointer, detail),) = found(Parts((ONE, TWO), overlaps=((L, STAGE), (M, BAR))))[:1]
    assert pointer == "/overlaps/1"
    assert "“Left” and “Middle”" in detail


def test_a_simulated_camera_and_a_real_one_are_named() -> None:
    ((_pointer, detail),) = found(Parts((ONE, DRAWN)))
    assert detail.startswith("“Drawn” is simulated and “North” is not")


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        (Parts((ONE,) * 201), "/areas"),
        (Parts((), (LineRef(1, 1),) * 101), "/lines"),
        (Parts((), (), ((ONE, TWO),) * 101), "/overlaps"),
    ],
)
def test_there_is_a_most(parts: Parts, pointer: str) -> None:
    assert pointers(parts) == [pointer]
