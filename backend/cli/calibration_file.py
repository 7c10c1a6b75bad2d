"""A calibration from a file: the document that the API takes, for use without a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.errors import InvalidInputError
from backend.services.calibration.draft import CalibrationDraft, check_draft, draft_from_json
from backend.services.calibration.solving import SolvedGround, solve

_LARGEST_BYTES = 1_000_000
_EXAMPLE = (
    '{"method": "points", "picture_wh": [1920, 1080], "points": '
    '[{"image": [x, y], "world": [X, Y]}, …]}'
)


def load_calibration(path: Path) -> Calibration:
    """Read what ``PUT /api/cameras/<id>/calibration`` would be sent and solve it.

    Args:
        path: JSON with ``method`` (points or rectangle), ``picture_wh`` and their inputs.

    Raises:
        InvalidInputError: Not such a document, or nothing sound can be solved from it.
    """
    draft = _draft(_read(path), path)
    if draft.method is CalibrationMethod.HEIGHTS:
        raise InvalidInputError(
            "The method heights needs people seen by a running camera; use points or a rectangle."
        )
    check_draft(draft)
    return _calibration(draft, solve(draft, None), path)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidInputError(f"{path.name} is too large for a calibration.")
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise InvalidInputError(f"{path.name} must hold an object such as {_EXAMPLE}.")
    return values


def _draft(values: dict[str, Any], path: Path) -> CalibrationDraft:
    try:
        return draft_from_json(values, method=values["method"], picture_wh=values["picture_wh"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{path.name} is no calibration ({error}). It must look like {_EXAMPLE}."
        ) from error


def _calibration(draft: CalibrationDraft, solved: SolvedGround, path: Path) -> Calibration:
    return Calibration(
        version=1,
        method=draft.method,
        picture_wh=draft.picture_wh,
        homography=solved.homography,
        monitored_px=draft.monitored_area,
        walkable_px=draft.walkable_area,
        rms_error_m=solved.rms_error_m,
        length_spread=solved.length_spread,
        area_spread=solved.area_spread,
        calibrated_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
    )
