"""Calibrations as pages and clients are shown them; field names are the JSON keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from backend.core.calibration import Calibration, Point
from backend.core.trust import Trust
from backend.crowd.reliability import judge_calibration
from backend.db.calibrations import CalibrationVersion
from backend.services.calibration.draft import CalibrationDraft, MarkedPoint, MarkedRectangle
from backend.services.calibration.solving import HeightEvidence, evidence_of
from backend.services.calibration.stored import UNREADABLE, draft_of, read_calibration

if TYPE_CHECKING:
    from backend.crowd.calibration import AutomaticCalibration

KNOWN_METHOD: Final = "simulation"
"""Stands where stored calibrations name their method, for a ground known by construction."""

Rows: TypeAlias = tuple[tuple[float, ...], ...]
"""3 × 3 numbers, image pixels to ground metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationView:
    """The calibration in force, or what one would be; without one all but the first are empty.

    Attributes:
        version, created_at, created_by: None in a preview.
        field_of_view_deg: As given; None where it was assumed.
        trust: Best state that a number resting on it can have now.
        has_background: Landmarks of the scene are stored to tell whether the camera was moved.
        fault: Why it is not to be used now; empty where it is.
    """

    camera_id: int
    calibrated: bool
    fault: str = ""
    version: int | None = None
    method: str | None = None
    picture_wh: tuple[int, int] | None = None
    points: tuple[MarkedPoint, ...] | None = None
    rectangle: MarkedRectangle | None = None
    field_of_view_deg: float | None = None
    monitored_area: tuple[Point, ...] | None = None
    walkable_area: tuple[Point, ...] | None = None
    homography: Rows | None = None
    area_m2: float | None = None
    rms_error_m: float | None = None
    length_spread: float | None = None
    area_spread: float | None = None
    trust: str | None = None
    notes: tuple[str, ...] = ()
    evidence: HeightEvidence | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    has_background: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSummary:
    """A calibration in one line, beside its camera."""

    version: int
    method: str
    area_m2: float
    trust: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationVersionView:
    """One version a camera has or had; ``ended_at`` is None while it is in force."""

    version: int
    method: str
    area_m2: float
    rms_error_m: float | None
    length_spread: float
    area_spread: float
    created_at: datetime
    created_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticView:
    """What people's heights say about a camera; nothing of it is stored."""

    camera_id: int
    picture_wh: tuple[int, int]
    homography: Rows
    area_m2: float
    length_spread: float
    area_spread: float
    trust: str
    notes: tuple[str, ...]
    people_used: int
    people_given: int
    residual_px: float
    residual_relative: float
    horizon_y_px: float
    camera_height_m: float
    tilt_deg: float
    field_of_view_deg: float
    field_of_view_assumed: bool


def preview(row: CalibrationVersion) -> CalibrationView:
    """Return what a row that is stored nowhere would be."""
    view = calibration_view(row, fault="", created_by=None, has_background=False)
    return replace(view, version=None, created_at=None)


def calibration_view(
    row: CalibrationVersion, *, fault: str, created_by: str | None, has_background: bool
) -> CalibrationView:
    """Return a stored version; a damaged one as none, with the reason.

    Args:
        row: The version.
        fault: What is wrong with it in the camera that runs with it.
        created_by: Name of its author.
        has_background: Landmarks are stored with it.
    """
    try:
        calibration = read_calibration(row, with_background=False)
        draft = draft_of(row)
    except ValueError:
        return CalibrationView(
            camera_id=row.camera_id, calibrated=False, fault=UNREADABLE, version=row.version
        )
    return CalibrationView(
        camera_id=row.camera_id,
        calibrated=True,
        fault=calibration.fault or fault,
        version=row.version,
        **_given(draft),
        homography=matrix_rows(calibration.homography),
        area_m2=row.area_m2,
        rms_error_m=row.rms_error_m,
        length_spread=row.length_spread,
        area_spread=row.area_spread,
        trust=_trust_of(calibration, fault).value,
        notes=tuple(row.notes),
        evidence=_evidence(row),
        created_at=row.created_at,
        created_by=created_by,
        has_background=has_background,
    )


def summary_of(row: CalibrationVersion, fault: str) -> CalibrationSummary:
    """Return a stored version in one line; nothing that rests on a damaged one is believed."""
    try:
        trust = _trust_of(read_calibration(row, with_background=False), fault)
    except ValueError:
        trust = Trust.UNKNOWN
    return CalibrationSummary(
        version=row.version,
        method=row.method,
        area_m2=row.area_m2,
        trust=trust.value,
        created_at=row.created_at,
    )


def version_view(row: CalibrationVersion, created_by: str | None) -> CalibrationVersionView:
    """Return one version of the history."""
    return CalibrationVersionView(
        version=row.version,
        method=row.method,
        area_m2=row.area_m2,
        rms_error_m=row.rms_error_m,
        length_spread=row.length_spread,
        area_spread=row.area_spread,
        created_at=row.created_at,
        created_by=created_by,
        ended_at=row.ended_at,
    )


def automatic_view(
    camera_id: int, picture_wh: tuple[int, int], found: AutomaticCalibration
) -> AutomaticView:
    """Return an estimate with its evidence."""
    return AutomaticView(
        camera_id=camera_id,
        picture_wh=picture_wh,
        homography=matrix_rows([float(value) for value in found.plane.matrix.reshape(9)]),
        area_m2=float(found.area_m2),
        length_spread=float(found.length_spread),
        area_spread=float(found.area_spread),
        trust=Trust.ESTIMATED.value,
        notes=tuple(found.notes),
        **asdict(evidence_of(found)),
    )


def _trust_of(calibration: Calibration, fault: str) -> Trust:
    """Return the best state a number resting on it can have: by the rule of measuring itself."""
    return judge_calibration(calibration, fault=calibration.fault or fault).trust


def _evidence(row: CalibrationVersion) -> HeightEvidence | None:
    try:
        return None if row.evidence is None else HeightEvidence(**row.evidence)
    except TypeError:  # another version of CrowdSafe kept other evidence
        return None


def _given(draft: CalibrationDraft) -> dict[str, Any]:
    return {
        "method": draft.method.value,
        "picture_wh": draft.picture_wh,
        "points": draft.points,
        "rectangle": draft.rectangle,
        "field_of_view_deg": draft.field_of_view_deg,
        "monitored_area": draft.monitored_area,
        "walkable_area": draft.walkable_area,
    }


def matrix_rows(numbers: Sequence[float]) -> Rows:
    """Return nine numbers as three rows of three."""
    return tuple(tuple(numbers[start : start + 3]) for start in (0, 3, 6))
