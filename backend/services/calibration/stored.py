"""Stored versions of calibrations: written from what was solved, read with suspicion."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from backend.core.calibration import BackgroundFeatures, Calibration, CalibrationMethod
from backend.core.errors import InvalidInputError
from backend.db import calibration_store
from backend.db.calibrations import CalibrationVersion
from backend.services.calibration.draft import CalibrationDraft, draft_from_json
from backend.services.calibration.facts import CalibrationFacts
from backend.services.calibration.landmarks import unpack_landmarks
from backend.services.calibration.solving import SolvedGround
from backend.services.metric_views import as_json

logger = logging.getLogger(__name__)

UNREADABLE = (
    "The stored calibration cannot be read, so the camera runs without one. Calibrate it again."
)
SOURCE_CHANGED = "The source was changed after the calibration. Check it and save it again."


def row_of(
    draft: CalibrationDraft, solved: SolvedGround, *, camera_id: int, version: int, now: datetime
) -> CalibrationVersion:
    """Return a new row, in force, without landmarks and author."""
    values = as_json(draft)
    del values["method"], values["picture_wh"]
    return CalibrationVersion(
        camera_id=camera_id,
        version=version,
        method=draft.method.value,
        picture_width=draft.picture_wh[0],
        picture_height=draft.picture_wh[1],
        inputs=values,
        homography=list(solved.homography),
        rms_error_m=solved.rms_error_m,
        length_spread=solved.length_spread,
        area_spread=solved.area_spread,
        area_m2=solved.area_m2,
        notes=list(solved.notes),
        evidence=as_json(solved.evidence),
        created_at=now,
    )


def draft_of(row: CalibrationVersion) -> CalibrationDraft:
    """Return what was given for a stored version; raises ValueError when it is damaged."""
    try:
        return draft_from_json(
            row.inputs, method=row.method, picture_wh=(row.picture_width, row.picture_height)
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"its inputs are damaged ({error!r})") from error


def read_calibration(row: CalibrationVersion, *, with_background: bool = True) -> Calibration:
    """Return a stored version as running cameras need it.

    Damaged landmarks are left out, with a line in the log: the camera can learn new ones.

    Args:
        row: With its landmarks loaded, if they are wanted.
        with_background: Read the landmarks too.

    Raises:
        ValueError: It is damaged; the message says what is wrong with it.
    """
    draft = draft_of(row)
    if min(draft.picture_wh) <= 0:
        raise ValueError(f"its picture has the size {draft.picture_wh}")
    spreads = (row.length_spread, row.area_spread)
    if not all(math.isfinite(spread) and spread >= 0 for spread in spreads):
        raise ValueError(f"its spreads are {spreads}")
    fault = "" if row.source_changed_at is None else SOURCE_CHANGED
    return Calibration(
        version=row.version,
        method=CalibrationMethod(row.method),
        picture_wh=draft.picture_wh,
        homography=_homography(row),
        monitored_px=draft.monitored_area,
        walkable_px=draft.walkable_area,
        rms_error_m=row.rms_error_m,
        length_spread=row.length_spread,
        area_spread=row.area_spread,
        calibrated_at=row.created_at,
        # those of another source would only tell that the camera "was moved"
        background=_background(row) if with_background and not fault else None,
        fault=fault,
    )


@dataclass(frozen=True, slots=True)
class LoadedCalibration:
    """What a camera is started with.

    Attributes:
        calibration: None without one, and where the stored one is damaged.
        facts: The same in short, with the reason.
    """

    calibration: Calibration | None
    facts: CalibrationFacts


def load_calibration(session: Session, camera_id: int) -> LoadedCalibration:
    """Return the calibration in force; a damaged one never keeps its camera from running."""
    row = calibration_store.find_current(session, camera_id, with_background=True)
    if row is None:
        return LoadedCalibration(None, CalibrationFacts())
    try:
        calibration = read_calibration(row)
        _check_usable(calibration)
    except (ValueError, InvalidInputError) as error:
        logger.error(
            "calibration.unreadable camera=%s version=%s reason=%s", camera_id, row.version, error
        )
        return LoadedCalibration(None, CalibrationFacts(fault=UNREADABLE))
    has_background = calibration.background is not None
    facts = CalibrationFacts(row.version, has_background, calibration.fault)
    return LoadedCalibration(calibration, facts)


def _check_usable(calibration: Calibration) -> None:
    """Raise ValueError or InvalidInputError where there is no ground to measure on."""
    from backend.crowd.calibration import MonitoredGround  # noqa: PLC0415 - heavy

    MonitoredGround.from_calibration(calibration, calibration.picture_wh)


def _homography(row: CalibrationVersion) -> tuple[float, ...]:
    try:
        numbers = tuple(float(value) for value in row.homography)
    except (TypeError, ValueError) as error:
        raise ValueError("its homography is damaged") from error
    matrix = np.array(numbers)
    if matrix.shape != (9,) or not np.isfinite(matrix).all():
        raise ValueError("its homography is damaged")
    if np.linalg.matrix_rank(matrix.reshape(3, 3) / np.abs(matrix).max(), tol=1e-15) < 3:
        raise ValueError("its homography maps the picture onto a line")
    return numbers


def _background(row: CalibrationVersion) -> BackgroundFeatures | None:
    if row.background is None:
        return None
    try:
        return unpack_landmarks(row.background)
    except ValueError as error:
        logger.error(
            "calibration.landmarks_unreadable camera=%s version=%s reason=%s",
            row.camera_id,
            row.version,
            error,
        )
        return None
