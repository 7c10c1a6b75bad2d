"""From pixels to metres: ground plane, monitored ground, people's positions on it."""

from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.monitored_ground import MonitoredGround
from backend.crowd.calibration.positions import GroundPositions, ground_positions
from backend.crowd.calibration.solution import Solution, solve_points, solve_rectangle

__all__ = [
    "GroundPlane",
    "GroundPositions",
    "HeightModel",
    "MonitoredGround",
    "Solution",
    "ground_positions",
    "solve_points",
    "solve_rectangle",
]
