"""The reference scenes: rows of scenes.csv, and the story a description tells over time."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

PEOPLE_AT: dict[str, Callable[[float], int]] = {
    "two-to-three": lambda t: 2 if t < 60 else 3,
    "critical-brief": lambda t: 700 if 20 <= t < 21 else 100,
    "flicker-5.9-6.1": lambda t: 590 if int(t) % 2 else 610,
    "surge-20-30": lambda t: round(min(max(20 + 10 * (t - 70) / 20, 20), 30)),
    "surge-100-160": lambda t: round(min(max(100 + 60 * (t - 70) / 20, 100), 160)),
    "recover": lambda t: 700 if t < 30 else 100,
    "saturated-dense": lambda t: 10,
}
"""Number of people over time where a scene's description tells a story."""

LOST_AT_S = {"camera-lost-empty": 60.0, "camera-lost-caution": 60.0, "camera-lost-critical": 60.0}


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of scenes.csv."""

    id: str
    area_m2: float
    people: str
    arrangement: str
    motion: str
    speed_mps: float
    duration_s: float
    expected_level: str
    expect_incident: str
    expected_cause: str

    def people_at(self, t: float) -> int:
        """People in view at ``t`` seconds."""
        profile = PEOPLE_AT.get(self.id)
        return profile(t) if profile else int(self.people)

    @property
    def most_people(self) -> int:
        """Most people there are at any time."""
        return max(self.people_at(float(t)) for t in range(math.ceil(self.duration_s)))

    @property
    def room_m(self) -> tuple[float, float]:
        """Width and depth of the place."""
        width = 1.2 if self.id == "critical-passage" else math.sqrt(self.area_m2)
        return width, self.area_m2 / width


def read_scenes(text: Iterable[str]) -> list[Scene]:
    """Parse scenes.csv."""
    return [
        Scene(
            id=row["id"],
            area_m2=float(row["area_m2"]),
            people=row["people"],
            arrangement=row["arrangement"],
            motion=row["motion"],
            speed_mps=float(row["speed_mps"]),
            duration_s=float(row["duration_s"]),
            expected_level=row["expected_level"],
            expect_incident=row["expect_incident"],
            expected_cause=row["expected_cause"],
        )
        for row in csv.DictReader(text)
    ]
