from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from backend.cli.places_file import load_places_file
from backend.core.errors import InvalidInputError
from backend.core.places import CountingLine, Zone, ZoneProfile

GATE: dict[str, Any] = {
    "id": 7,
    "name": " Gate  B",
    "corners": [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9]],
    "profile": "queue",
    "colour": "#AABBCC",
    "count_limit": 40,
    "density_limit_per_m2": 2.5,
}
DOOR: dict[str, Any] = {"id": 3, "name": "Door", "start": [0, 0.5], "end": [1, 0.5], "width_m": 2}


def written(folder: Path, document: object) -> Path:
    path = folder / "places.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_what_the_api_gave_out_is_read_as_it_was(tmp_path: Path) -> None:
    document = {"camera_id": 4, "version": 9, "zones": [GATE], "lines": [DOOR]}
    found = load_places_file(written(tmp_path, document))
    assert found.zones == (
        Zone(
            zone_id=7,
            name="Gate B",
            corners=((0.1, 0.2), (0.4, 0.2), (0.4, 0.9)),
            profile=ZoneProfile.QUEUE,
            colour="#aabbcc",
            count_limit=40,
            density_limit_per_m2=2.5,
        ),
    )
    assert found.lines == (CountingLine(3, "Door", (0.0, 0.5), (1.0, 0.5), width_m=2.0),)


def test_what_is_left_out_gets_a_default_and_the_next_free_id(tmp_path: Path) -> None:
    short = {"name": "Stage", "corners": GATE["corners"]}
    other = {**short, "name": "Bar", "count_limit": None}
    found = load_places_file(written(tmp_path, {"zones": [short, GATE, other]}))
    assert [zone.zone_id for zone in found.zones] == [8, 7, 9]
    assert found.zones[0] == Zone(8, "Stage", found.zones[1].corners)
    assert found.lines == ()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([1], "must hold an object"),
        ({"zones": [GATE], "places": []}, "/places"),
        ({"zones": {"a": 1}}, "/zones"),
        ({"zones": [{**GATE, "color": "#ffffff"}]}, "/zones/0/color"),
        ({"zones": [{**GATE, "corners": [[0.1, 0.2], [0.4], [0.3, 0.3]]}]}, "/zones/0/corners/1"),
        ({"zones": [{**GATE, "corners": 3}]}, "/zones/0/corners"),
        ({"zones": [{**GATE, "corners": [[0.1, 0.2], [1.4, 0.2], [0.4, 0.9]]}]}, "outside"),
        ({"zones": [{**GATE, "count_limit": 1.5}]}, "/zones/0/count_limit"),
        ({"zones": [{**GATE, "count_limit": True}]}, "/zones/0/count_limit"),
        ({"zones": [{**GATE, "profile": "party"}]}, "/zones/0/profile"),
        ({"zones": [{**GATE, "name": None}]}, "/zones/0/name"),
        ({"zones": [GATE, {**GATE, "name": "Gate C"}]}, "same id"),
        ({"zones": [GATE], "lines": [{**DOOR, "name": "gate b"}]}, "/lines/0/name"),
        ({"lines": [{**DOOR, "end": [0, 0.5]}]}, "same place"),
        ({"lines": [{**DOOR, "end": "there"}]}, "/lines/0/end"),
        ({"lines": [{**DOOR, "width_m": "wide"}]}, "/lines/0/width_m"),
        ({"lines": [{**DOOR, "width_m": 10**400}]}, "/lines/0/width_m"),
        ({"lines": [{**DOOR, "end": [0, -(10**400)]}]}, "/lines/0/end"),
        ({"zones": [{**GATE, "corners": [[10**400, 0]]}]}, "/zones/0/corners/0"),
        ({"zones": [{**GATE, "count_limit": 10**400}]}, "/zones/0/count_limit: .* far more"),
    ],
)
def test_other_documents_are_refused_with_the_reason_and_where(
    tmp_path: Path, document: object, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said) as refused:
        load_places_file(written(tmp_path, document))
    assert str(refused.value).startswith("places.json: ")


def test_as_many_places_as_there_can_be_are_read(tmp_path: Path) -> None:
    turns = [2 * math.pi * number / 100 for number in range(100)]
    corners = [[0.5 + 0.4 * math.cos(turn), 0.5 + 0.4 * math.sin(turn)] for turn in turns]
    zones = [
        {"id": number, "name": f"Zone {number}", "corners": corners} for number in range(1, 201)
    ]
    path = tmp_path / "places.json"
    path.write_text(json.dumps({"zones": zones, "lines": []}, indent=2), encoding="utf-8")
    assert path.stat().st_size > 1_000_000
    assert len(load_places_file(path).zones) == 200


def test_what_is_not_json_or_far_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    for content in (b"{", b"\xff\xfe", b" " * 2_000_001, b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(InvalidInputError):
            load_places_file(path)
