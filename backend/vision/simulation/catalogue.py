"""The scenarios by name, what is said of them, and the calibration their camera really has.

Cheap to import: no simulation is loaded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend.core.calibration import Calibration, CalibrationMethod, Exit, Point
from backend.core.errors import InvalidInputError

if TYPE_CHECKING:
    from backend.vision.simulation.mast_camera import MastCamera
    from backend.vision.simulation.places import Outline

MAX_SEED = 2**31 - 1
_DRAWN_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ScenarioInfo:
    """One scenario, as a person chooses it.

    Attributes:
        name: What is typed in as the source.
        title: Short, for lists.
        description: One or two sentences: what happens and what the level will be.
        people_limit: People the place may hold, so many that the density decides the level.
        exits: Ways out of the monitored area.
        cycle_s: Seconds after which it begins again; None where nothing ever changes much.
    """

    name: str
    title: str
    description: str
    people_limit: int
    exits: tuple[Exit, ...]
    cycle_s: float | None


_SCENARIOS = (
    ScenarioInfo(
        name="calm",
        title="Calm square",
        description="A few people stroll across a square. SAFE all day, no alarm.",
        people_limit=300,
        exits=(Exit(12.0), Exit(12.0), Exit(13.0)),
        cycle_s=None,
    ),
    ScenarioInfo(
        name="peak",
        title="Show on a square",
        description=(
            "A square fills before a stage and empties again, every ten minutes. CAUTION at "
            "its height."
        ),
        people_limit=400,
        exits=(Exit(12.0), Exit(12.0), Exit(13.0)),
        cycle_s=600.0,
    ),
    ScenarioInfo(
        name="bottleneck",
        title="Queue at an entrance",
        description=(
            "More people want to enter a hall than its door lets through: a dense queue before "
            "it. CAUTION to WARNING."
        ),
        people_limit=300,
        exits=(Exit(1.4), Exit(12.0)),
        cycle_s=360.0,
    ),
    ScenarioInfo(
        name="surge",
        title="Train arrives",
        description=(
            "Every five minutes a train's passengers pour out of a station onto a quiet square: "
            "the count doubles and more within a minute."
        ),
        people_limit=400,
        exits=(Exit(12.0), Exit(12.0), Exit(13.0)),
        cycle_s=300.0,
    ),
    ScenarioInfo(
        name="counter-flow",
        title="Two-way passage",
        description=(
            "Two streams pass each other in lanes through a passage, without crowding: SAFE, "
            "though nobody would call it quiet."
        ),
        people_limit=250,
        exits=(Exit(6.0), Exit(6.0)),
        cycle_s=None,
    ),
    ScenarioInfo(
        name="crush",
        title="Crush at shut gates",
        description=(
            "People press against gates that stay shut until more than seven stand on every "
            "square metre. CRITICAL; then the gates open and it begins again, every six minutes."
        ),
        people_limit=400,
        exits=(Exit(5.4),),
        cycle_s=360.0,
    ),
)

SCENARIOS: Mapping[str, ScenarioInfo] = MappingProxyType({each.name: each for each in _SCENARIOS})
"""All scenarios by name, mildest first."""


def parse_source(text: str) -> tuple[ScenarioInfo, int]:
    """Read the source of a simulated camera, ``<scenario>`` or ``<scenario>:<seed>``.

    Args:
        text: As typed in, for instance ``peak`` or ``crush:7``.

    Returns:
        The scenario and the seed, 0 where none is given.

    Raises:
        InvalidInputError: No such scenario, or the seed is no whole number; field ``source``.

    Example:
        >>> scenario, seed = parse_source("crush:7")
        >>> scenario.name, seed
        ('crush', 7)
    """
    name, colon, number = text.strip().partition(":")
    scenario = SCENARIOS.get(name.strip().lower())
    if scenario is None:
        raise InvalidInputError(
            f"There is no scenario “{name.strip()[:40]}”; choose one of {', '.join(SCENARIOS)}.",
            field="source",
        )
    number = number.strip()
    if not colon:
        return scenario, 0
    is_number = number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_SEED))
    if not is_number or int(number) > MAX_SEED:
        raise InvalidInputError(
            f"The seed after the colon is a whole number from 0 to {MAX_SEED}, "
            f"for instance {scenario.name}:7.",
            field="source",
        )
    return scenario, int(number)


def ground_truth_calibration(name: str) -> Calibration:
    """The calibration of a scenario's camera, exact because the picture is drawn with it.

    Args:
        name: Name of the scenario.

    Returns:
        Version 1, from points, without spread; monitored and walkable area are the same.

    Raises:
        KeyError: There is no such scenario.
    """
    # Geometry is needed only where a camera is really set up.
    from backend.vision.simulation.places import PLACES  # noqa: PLC0415

    place = PLACES[name]
    corners = _in_picture(place.camera, place.monitored)
    return Calibration(
        version=1,
        method=CalibrationMethod.POINTS,
        picture_wh=place.camera.picture_wh,
        homography=tuple(place.camera.ground_homography().ravel().tolist()),
        monitored_px=corners,
        walkable_px=corners,
        rms_error_m=0.0,
        length_spread=0.0,
        area_spread=0.0,
        calibrated_at=_DRAWN_AT,
    )


def _in_picture(camera: MastCamera, outline: Outline) -> tuple[Point, ...]:
    import numpy as np  # noqa: PLC0415 - as above

    seen = camera.to_image(np.array(outline, dtype=np.float64))
    return tuple((x, y) for x, y in seen.tolist())
