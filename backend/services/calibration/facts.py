"""What is known of a camera's calibration without asking the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """The calibration a camera was started with, or will be.

    Attributes:
        version: None without one.
        has_background: Landmarks of the scene are stored with it.
        fault: Why the stored one is not to be believed; empty where it may be.
    """

    version: int | None = None
    has_background: bool = False
    fault: str = ""
