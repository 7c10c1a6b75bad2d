"""Who is seen in one frame: feet, heights, trails, and how many people each box stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.camera import ModelInfo
from backend.core.frame import FloatArray, Tracks
from backend.core.observation import FrameFacts
from backend.crowd.counting import (
    CROWDED_COVER,
    FALLBACK_RECALL,
    YOLO_RECALL,
    PeopleWeights,
    RecallTable,
    covered_share,
    people_weights,
)
from backend.crowd.history import TrackHistory, Trajectories, trails

DEFAULT_INPUT_PX = 640
"""Longer side of the network input assumed while the model is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """The tracks of one frame as seen in the picture, row for row.

    Attributes:
        tracks: As they came from the tracker.
        boxes: (N, 4) float64, pixels.
        feet_px: (N, 2) float64, bottom centres of the boxes, pixels.
        heights_px: (N,) float64, heights of the boxes, pixels, at least 1.
        weights: How many people each box stands for.
        trajectories: Feet of these tracks over the last frames, pixels.
        trails: One (M, 2) float32 array of foot points for each track.
        network_scale: Pixels of the network's input per pixel of the frame; several tiles look
            at a picture so much larger.
    """

    tracks: Tracks
    boxes: FloatArray
    feet_px: FloatArray
    heights_px: FloatArray
    weights: PeopleWeights
    trajectories: Trajectories
    trails: list[npt.NDArray[np.float32]]
    network_scale: float

    def __len__(self) -> int:
        return len(self.tracks)


class SightingLog:
    """Remembers foot points in the picture, and what the detector is worth.

    Args:
        model: The detector whose boxes come in; its input size turns box heights into what the
            network saw, which is what recall depends on. None: 640 px, one tile.
        recall: What is known of the detector; None: measured tables by kind of detector.
    """

    def __init__(self, model: ModelInfo | None, recall: RecallTable | None) -> None:
        self._model = model
        self._recall = recall
        self._history = TrackHistory()

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return len(self._history)

    def see(self, tracks: Tracks, facts: FrameFacts) -> Sighting:
        """Take the tracks of one frame."""
        boxes = tracks.boxes_xyxy.astype(np.float64)
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        heights = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
        self._history.append(
            tracks.track_ids, feet, stream_time_s=facts.stream_time_s, segment=facts.segment
        )
        trajectories = self._history.of(tracks.track_ids)
        scale = self._network_scale(facts)
        return Sighting(
            tracks=tracks,
            boxes=boxes,
            feet_px=feet,
            heights_px=heights,
            weights=self._weigh(tracks, boxes, heights * scale, facts),
            trajectories=trajectories,
            trails=trails(trajectories),
            network_scale=scale,
        )

    def _network_scale(self, facts: FrameFacts) -> float:
        if self._model is None:
            return DEFAULT_INPUT_PX / max(facts.picture_wh)
        # n tiles look at a picture about sqrt(n) times as large.
        return float(max(self._model.input_hw) * self._model.tiles**0.5 / max(facts.picture_wh))

    def _weigh(
        self, tracks: Tracks, boxes: FloatArray, network_heights: FloatArray, facts: FrameFacts
    ) -> PeopleWeights:
        table = self._recall
        if table is None:
            table = FALLBACK_RECALL if facts.reduced_accuracy else YOLO_RECALL
        return people_weights(
            tracks.confidence.astype(np.float64),
            network_heights,
            covered_share(boxes) >= CROWDED_COVER,
            table=table,
        )
