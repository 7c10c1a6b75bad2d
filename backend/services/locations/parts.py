"""What a location may be made of: areas, counting lines, and ground that is seen twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.core.errors import FieldProblem
from backend.core.locations import AreaRef, LineRef
from backend.services.locations.intersecting import find_intersecting
from backend.services.locations.known import Known

MOST_AREAS: Final = 200
MOST_LINES: Final = 100
MOST_OVERLAPS: Final = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """What a location is made of, in the order given."""

    areas: Sequence[AreaRef] = ()
    lines: Sequence[LineRef] = ()
    overlaps: Sequence[Sequence[AreaRef]] = field(default=())


def part_problems(parts: Parts, known: Known) -> list[FieldProblem]:
    """Return what is wrong with the parts of a location.

    Args:
        parts: As given, or as they are stored: cameras and zones change after they were chosen.
        known: What there is of every camera that is named.
    """
    for name, given, most in (
        ("areas", parts.areas, MOST_AREAS),
        ("lines", parts.lines, MOST_LINES),
        ("overlaps", parts.overlaps, MOST_OVERLAPS),
    ):
        if len(given) > most:
            detail = f"A location has at most {most} {name}; {len(given)} were given."
            return [FieldProblem(f"/{name}", f"{detail} Leave some out.")]
    return [
        *_area_problems(parts.areas, known),
        *_line_problems(parts.lines, known),
        *_mix_problems(parts, known),
        *_overlap_problems(parts, known),
    ]


def _area_problems(areas: Sequence[AreaRef], known: Known) -> Iterator[FieldProblem]:
    first: dict[AreaRef, int] = {}
    for number, area in enumerate(areas):
        pointer = f"/areas/{number}"
        missing = _missing_area(area, known, pointer)
        if missing is not None:
            yield missing
        elif area in first:
            yield FieldProblem(
                pointer, f"{known.name_of(area)} is area {first[area] + 1} already. Leave it out."
            )
        elif area.zone_id and AreaRef(area.camera_id) in areas:
            yield FieldProblem(
                f"{pointer}/zone_id",
                f"{known.name_of(area)} lies in the camera's whole picture, which is an area too: "
                "people there would count twice. Leave one of the two out.",
            )
        first.setdefault(area, number)
    yield from _double_problems(areas, known)


def _missing_area(area: AreaRef, known: Known, pointer: str) -> FieldProblem | None:
    wrong = _missing_camera(area.camera_id, known, pointer)
    if wrong is not None or known.has_area(area):
        return wrong
    return FieldProblem(
        f"{pointer}/zone_id",
        f"Camera “{known.cameras[area.camera_id].name}” has no zone {area.zone_id}. "
        "Choose one of its zones, or leave it empty for the whole picture.",
    )


def _missing_camera(camera_id: int, known: Known, pointer: str) -> FieldProblem | None:
    camera = known.cameras.get(camera_id)
    if camera is None:
        detail = f"There is no camera {camera_id}. Choose one of those that exist."
    elif not camera.source_type.is_live:
        detail = (
            f"“{camera.name}” is an uploaded recording: what it shows is over. "
            "Choose a live camera."
        )
    else:
        return None
    return FieldProblem(f"{pointer}/camera_id", detail)


def _double_problems(areas: Sequence[AreaRef], known: Known) -> Iterator[FieldProblem]:
    """Yield zones of one camera that have ground in common."""
    by_camera: dict[int, dict[int, int]] = {}
    for number, area in enumerate(areas):
        if area.zone_id and known.has_area(area):
            by_camera.setdefault(area.camera_id, {}).setdefault(area.zone_id, number)
    for camera_id, numbers in by_camera.items():
        if len(numbers) < 2:
            continue
        outlines = {zone_id: known.zones[zone_id].corners for zone_id in numbers}
        for pair in find_intersecting(outlines):
            one, other = known.zones[pair.first].name, known.zones[pair.second].name
            yield FieldProblem(
                f"/areas/{numbers[pair.second]}",
                f"“{one}” and “{other}” on “{known.cameras[camera_id].name}” overlap by "
                f"{100 * pair.share:.0f} % of the smaller one: people there would count twice. "
                "Redraw one of them, or leave one out.",
            )


def _line_problems(lines: Sequence[LineRef], known: Known) -> Iterator[FieldProblem]:
    first: dict[int, int] = {}
    for number, line in enumerate(lines):
        pointer = f"/lines/{number}"
        wrong = _missing_camera(line.camera_id, known, pointer)
        if wrong is not None:
            yield wrong
        elif not known.has_line(line.camera_id, line.line_id):
            yield FieldProblem(
                f"{pointer}/line_id",
                f"Camera “{known.cameras[line.camera_id].name}” has no counting line "
                f"{line.line_id}. Choose one of its lines.",
            )
        elif line.line_id in first:
            yield FieldProblem(
                pointer,
                f"“{known.lines[line.line_id].name}” is line {first[line.line_id] + 1} already: "
                "people would be counted twice. Leave it out.",
            )
        first.setdefault(line.line_id, number)


def _mix_problems(parts: Parts, known: Known) -> Iterator[FieldProblem]:
    """Yield the first camera that is simulated where the others are not, or the reverse."""
    named = [(f"/areas/{n}/camera_id", area.camera_id) for n, area in enumerate(parts.areas)]
    named += [(f"/lines/{n}/camera_id", line.camera_id) for n, line in enumerate(parts.lines)]
    there = [(pointer, known.cameras[c]) for pointer, c in named if c in known.cameras]
    for pointer, camera in there:
        if camera.is_simulated != there[0][1].is_simulated:
            drawn, real = (camera, there[0][1]) if camera.is_simulated else (there[0][1], camera)
            yield FieldProblem(
                pointer,
                f"“{drawn.name}” is simulated and “{real.name}” is not: people who are not there "
                "must not be added to those who are. Choose cameras of one kind.",
            )
            return


def _overlap_problems(parts: Parts, known: Known) -> Iterator[FieldProblem]:
    taken: dict[AreaRef, int] = {}
    for number, overlap in enumerate(parts.overlaps):
        pointer = f"/overlaps/{number}"
        seen: set[int] = set()
        for at, area in enumerate(overlap):
            detail = _overlap_fault(area, parts.areas, known)
            if not detail and area.camera_id in seen:
                detail = (
                    f"{known.name_of(area)}: an overlap has one area of each camera, and this "
                    "camera is in it already. Leave one of the two out."
                )
            elif not detail and area in taken:
                detail = (
                    f"{known.name_of(area)} is in overlap {taken[area] + 1} already. Put "
                    "everything that shows the same ground into one overlap."
                )
            if detail:
                yield FieldProblem(f"{pointer}/{at}", detail)
            seen.add(area.camera_id)
            taken.setdefault(area, number)
        if len(overlap) < 2:
            yield FieldProblem(
                pointer, "An overlap needs two areas or more. Add one, or leave it out."
            )
    yield from _ambiguous_problems(parts.overlaps, known)


def _overlap_fault(area: AreaRef, areas: Sequence[AreaRef], known: Known) -> str:
    if not known.has_area(area):
        return (
            f"There is no {known.name_of(area)}: what is seen twice is not known. "
            "Choose the areas of this overlap again, or leave it out."
        )
    if area in areas or AreaRef(area.camera_id) in areas:
        return ""
    return (
        f"{known.name_of(area)} is no area of this location, nor a zone in the picture of a "
        "camera that is one. Choose one that is."
    )


def _ambiguous_problems(
    overlaps: Sequence[Sequence[AreaRef]], known: Known
) -> Iterator[FieldProblem]:
    """Yield areas of one camera that share ground and are in different overlaps."""
    where: dict[AreaRef, int] = {}
    for number, overlap in enumerate(overlaps):
        for area in overlap:
            if known.has_area(area):
                where.setdefault(area, number)
    for area, number in where.items():
        whole = AreaRef(area.camera_id)
        if area.zone_id and where.get(whole, number) != number:
            yield FieldProblem(
                f"/overlaps/{number}",
                f"{known.name_of(area)} lies in its camera's whole picture, which is in overlap "
                f"{where[whole] + 1}. Leave one of the two out.",
            )
    for camera_id in {area.camera_id for area in where}:
        zones = {area.zone_id: n for area, n in where.items() if area.camera_id == camera_id}
        outlines = {z: known.zones[z].corners for z in zones if z}
        for pair in find_intersecting(outlines) if len(outlines) > 1 else ():
            if zones[pair.first] == zones[pair.second]:
                continue
            one, other = known.zones[pair.first].name, known.zones[pair.second].name
            yield FieldProblem(
                f"/overlaps/{zones[pair.second]}",
                f"“{one}” and “{other}” on “{known.cameras[camera_id].name}” share ground and are "
                "in different overlaps. Redraw one of them, or leave one out.",
            )
