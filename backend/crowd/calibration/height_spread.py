"""What else might be behind the heights seen: the uncertainty of an automatic calibration."""

from __future__ import annotations

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration.camera_pose import PERSON_HEIGHT_M
from backend.crowd.calibration.height_checks import FIELD_OF_VIEW_LIMITS_DEG
from backend.crowd.calibration.upright_camera import (
    UprightCamera,
    fit_upright_camera,
    focal_from_view,
)

FIELD_OF_VIEW_SHARE = 0.20
"""Standard deviation of an assumed field of view, as a share of it (CROWD-SCIENCE section 1)."""

BODY_SHARE = 0.07
"""Standard deviation of the mean box height over what 1.70 m would show: stature, shoes, margin
of the box. Measured on two cameras with known ground: 1.05 to 1.09 (docs/methods)."""

TREND_SHARE = 0.05
"""Standard deviation of how differently far and near people are boxed, from the middle to either
end of the rows. Measured on the same cameras: -0.04 to +0.05."""

DRAWS = 400
_PROFILE_ROWS = 9


def possible_cameras(
    camera: UprightCamera,
    rows: FloatArray,
    picture_wh: tuple[int, int],
    assumed_view_deg: float | None,
) -> UprightCamera:
    """Cameras that might just as well be behind the heights seen.

    Args:
        camera: The fitted one.
        rows: (K,) float64, rows of the people used, pixels from the middle.
        picture_wh: Width and height of the picture, pixels.
        assumed_view_deg: Field of view to vary, degrees; None = it was entered and holds.

    Returns:
        400 cameras, the same for the same input.
    """
    random = np.random.default_rng(1)
    focal = np.full(DRAWS, camera.focal_px[0])
    if assumed_view_deg is not None:
        views = random.normal(assumed_view_deg, FIELD_OF_VIEW_SHARE * assumed_view_deg, DRAWS)
        focal = focal_from_view(np.clip(views, *FIELD_OF_VIEW_LIMITS_DEG), picture_wh)
    profile = np.percentile(rows, np.linspace(2, 98, _PROFILE_ROWS))
    heights = camera.heights_px(profile, person_m=PERSON_HEIGHT_M)
    wrong = random.normal(0, BODY_SHARE, (DRAWS, 1))
    wrong = wrong + random.normal(0, TREND_SHARE, (DRAWS, 1)) * np.linspace(-1, 1, _PROFILE_ROWS)
    return fit_upright_camera(
        np.broadcast_to(profile, (DRAWS, _PROFILE_ROWS)),
        heights * np.exp(wrong),
        focal_px=focal,
        person_m=PERSON_HEIGHT_M,
    )
