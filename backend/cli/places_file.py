"""Zones and counting lines from a file: what the API gives out, for use without a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from backend.core.calibration import Point
from backend.core.errors import InvalidInputError
from backend.core.places import CameraPlaces, CountingLine, Zone, ZoneProfile
from backend.services.places.checks import check_places
from backend.services.places.draft import (
    LineDraft,
    PlacesDraft,
    ZoneDraft,
    tidy_line,
    tidy_zone,
)

_LARGEST_BYTES: Final = 2_000_000
"""As where a browser takes such a file; as many places as there can be are below it."""
_MOST_TOLD: Final = 5
_EXAMPLE: Final = (
    '{"zones": [{"name": "Gate B", "corners": [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]]}], '
    '"lines": [{"name": "Door", "start": [0.2, 0.5], "end": [0.6, 0.5]}]}'
)
_OF_THE_WHOLE: Final = frozenset({"camera_id", "version", "fault", "zones", "lines"})
_OF_A_ZONE: Final = frozenset(
    {"id", "name", "corners", "profile", "colour", "count_limit", "density_limit_per_m2"}
)
_OF_A_LINE: Final = frozenset({"id", "name", "start", "end", "colour", "width_m"})

_T = TypeVar("_T")
_DraftT = TypeVar("_DraftT", ZoneDraft, LineDraft)


def load_places_file(path: Path) -> CameraPlaces:
    """Read what ``GET /api/cameras/<id>/places`` gave out, or somebody wrote in its shape.

    Ids, profile, colour, limits and width may be left out.

    Args:
        path: JSON with ``zones`` and ``lines``, points as shares of width and height.

    Raises:
        InvalidInputError: Not such a document, or places that cannot be meant.
    """
    try:
        draft = _draft(_read(path))
        check_places(draft)
        return _numbered(draft)
    except InvalidInputError as error:
        told = [f"{problem.pointer}: {problem.detail}" for problem in error.problems]
        message = " ".join(told[:_MOST_TOLD]) or str(error)
        raise InvalidInputError(f"{path.name}: {message}") from error


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidInputError("It is too large for zones and lines.")
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError(f"It is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise InvalidInputError(f"It must hold an object such as {_EXAMPLE}.")
    return values


def _draft(values: Mapping[str, Any]) -> PlacesDraft:
    _refuse_unknown(values, _OF_THE_WHOLE, "")
    return PlacesDraft(
        zones=tuple(
            tidy_zone(_zone(entry, pointer)) for entry, pointer in _entries(values, "zones")
        ),
        lines=tuple(
            tidy_line(_line(entry, pointer)) for entry, pointer in _entries(values, "lines")
        ),
    )


def _entries(values: Mapping[str, Any], name: str) -> list[tuple[Mapping[str, Any], str]]:
    listed = values.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        _refuse(f"/{name}", f"It must be a list of objects, as in {_EXAMPLE}.")
    return [(entry, f"/{name}/{number}") for number, entry in enumerate(listed)]


def _zone(entry: Mapping[str, Any], pointer: str) -> ZoneDraft:
    _refuse_unknown(entry, _OF_A_ZONE, pointer)
    corners = entry.get("corners")
    if not isinstance(corners, list):
        _refuse(f"{pointer}/corners", "Give a list of [x, y].")
    return ZoneDraft(
        place_id=_optional(entry, "id", pointer, _whole),
        name=_text(entry.get("name"), f"{pointer}/name"),
        corners=tuple(
            _point(corner, f"{pointer}/corners/{number}") for number, corner in enumerate(corners)
        ),
        count_limit=_optional(entry, "count_limit", pointer, _whole),
        density_limit_per_m2=_optional(entry, "density_limit_per_m2", pointer, _number),
        **{
            name: _text(entry[name], f"{pointer}/{name}")
            for name in ("profile", "colour")
            if name in entry
        },
    )


def _line(entry: Mapping[str, Any], pointer: str) -> LineDraft:
    _refuse_unknown(entry, _OF_A_LINE, pointer)
    colour = {"colour": _text(entry["colour"], f"{pointer}/colour")} if "colour" in entry else {}
    return LineDraft(
        place_id=_optional(entry, "id", pointer, _whole),
        name=_text(entry.get("name"), f"{pointer}/name"),
        start=_point(entry.get("start"), f"{pointer}/start"),
        end=_point(entry.get("end"), f"{pointer}/end"),
        width_m=_optional(entry, "width_m", pointer, _number),
        **colour,
    )


def _numbered(draft: PlacesDraft) -> CameraPlaces:
    """Return the places with the ids they have, or the next free ones."""
    zones = zip(_ids(draft.zones, "zones"), draft.zones, strict=True)
    lines = zip(_ids(draft.lines, "lines"), draft.lines, strict=True)
    return CameraPlaces(
        version=1,
        zones=tuple(
            Zone(
                zone_id=number,
                name=zone.name,
                corners=zone.corners,
                profile=ZoneProfile(zone.profile),
                colour=zone.colour,
                count_limit=zone.count_limit,
                density_limit_per_m2=zone.density_limit_per_m2,
            )
            for number, zone in zones
        ),
        lines=tuple(
            CountingLine(
                line_id=number,
                name=line.name,
                start=line.start,
                end=line.end,
                colour=line.colour,
                width_m=line.width_m,
            )
            for number, line in lines
        ),
    )


def _ids(drafts: Sequence[_DraftT], kind: str) -> list[int]:
    given = [draft.place_id for draft in drafts if draft.place_id is not None]
    if len(set(given)) < len(given):
        _refuse(f"/{kind}", "Two of them have the same id. Leave the ids out.")
    after = max(given, default=0)
    ids: list[int] = []
    for draft in drafts:
        after += draft.place_id is None
        ids.append(after if draft.place_id is None else draft.place_id)
    return ids


def _optional(
    entry: Mapping[str, Any], name: str, pointer: str, parse: Callable[[Any, str], _T]
) -> _T | None:
    value = entry.get(name)
    return None if value is None else parse(value, f"{pointer}/{name}")


def _point(value: Any, pointer: str) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        _refuse(pointer, "Give a pair of numbers, [x, y]: shares of the picture's size.")
    return (_number(value[0], pointer), _number(value[1], pointer))


def _number(value: Any, pointer: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(pointer, f"Give a number; {value!r} is none.")
    try:
        return float(value)
    except OverflowError:
        _refuse(pointer, "Give a number of fewer digits; this one is far too large.")


def _whole(value: Any, pointer: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        _refuse(pointer, f"Give a whole number from 1 on; {value!r} is none.")
    return value


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        _refuse(pointer, f"Give a text; {value!r} is none.")
    return value


def _refuse_unknown(values: Mapping[str, Any], known: frozenset[str], pointer: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        _refuse(f"{pointer}/{unknown[0]}", f"Not known here; known: {', '.join(sorted(known))}.")


def _refuse(pointer: str, detail: str) -> NoReturn:
    raise InvalidInputError(f"{pointer}: {detail}", field=pointer)
