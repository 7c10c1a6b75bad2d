"""Measuring with a calibration that a person has to confirm first."""

from __future__ import annotations

from dataclasses import replace

from backend.core.frame import Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture
from backend.core.observation import FrameFacts
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import Analyzer


class DoubtingAnalyzer:
    """An analyser that is told with every frame that its calibration does not fit.

    What rests on the calibration becomes unknown, as with a camera that was moved: without a
    calibration at all, a place could look safe only because it is measured less.

    Args:
        analyzer: With the calibration.
        fault: Why it is doubted, with what to do.
    """

    def __init__(self, analyzer: Analyzer, fault: str) -> None:
        self._analyzer = analyzer
        self._fault = fault

    def update(self, tracks: Tracks, facts: FrameFacts) -> tuple[CrowdMetrics, CrowdPicture]:
        """Measure one frame."""
        return self._analyzer.update(tracks, replace(facts, calibration_fault=self._fault))

    def set_params(self, params: AnalysisParams) -> None:
        """Change the parameters from the next frame on."""
        self._analyzer.set_params(params)
