"""From pixels to metres: ground plane, monitored ground, people's positions on it."""

from backend.crowd.calibration.from_heights import AutomaticCalibration, estimate_from_heights
from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.monitored_ground import MonitoredGround
from backend.crowd.calibration.positions import GroundPositions, ground_positions
from backend.crowd.calibration.solution import Solution, solve_points, solve_rectangle

__all__ = [
    "AutomaticCalibration",
    "GroundPlane",
    "GroundPositions",
    "HeightModel",
    "MonitoredGround",
    "Solution",
    "estimate_from_heights",
    "ground_positions",
    "solve_points",
    "solve_rectangle",
]
