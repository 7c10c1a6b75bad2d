from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.cli.calibration_file import load_calibration
from backend.core.calibration import CalibrationMethod
from backend.core.errors import InvalidInputError

POINTS: dict[str, Any] = {
    "method": "points",
    "picture_wh": [640, 480],
    "points": [
        {"image": [100, 400], "world": [0, 0]},
        {"image": [500, 400], "world": [4, 0]},
        {"image": [400, 200], "world": [4, 6]},
        {"image": [200, 200], "world": [0, 6]},
    ],
    "monitored_area": [[100, 400], [500, 400], [400, 200], [200, 200]],
}


def written(folder: Path, document: object) -> Path:
    path = folder / "ground.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_document_of_the_api_gives_a_calibration(tmp_path: Path) -> None:
    found = load_calibration(written(tmp_path, POINTS))
    assert (found.version, found.method) == (1, CalibrationMethod.POINTS)
    assert found.picture_wh == (640, 480)
    assert found.monitored_px is not None
    assert found.monitored_px[2] == (400.0, 200.0)
    assert len(found.homography) == 9
    assert found.area_spread > 0


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([1, 2], "must hold an object"),
        ({"method": "points"}, "picture_wh"),
        ({**POINTS, "method": "guess"}, "guess"),
        ({**POINTS, "points": [{"image": [1, 2]}] * 4}, "world"),
        ({"method": "heights", "picture_wh": [640, 480]}, "running camera"),
        ({**POINTS, "points": POINTS["points"][:3]}, "4 to 100 points"),
    ],
)
def test_another_document_is_refused_with_the_reason(
    tmp_path: Path, document: object, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        load_calibration(written(tmp_path, document))


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ground.json"
    path.write_bytes(b"\xff\xfe not json")
    with pytest.raises(InvalidInputError, match="not JSON"):
        load_calibration(path)
