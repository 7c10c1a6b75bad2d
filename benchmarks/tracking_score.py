"""HOTA, IDF1, MOTA and identity switches of tracks against a MOT ground truth."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

MATCH_IOU = 0.5
"""Overlap at which a box counts as found, for IDF1 and MOTA (HOTA averages over 0.05–0.95)."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who is where in one frame, in truth or by a tracker.

    Attributes:
        ids: (N,) int64.
        boxes_xyxy: (N, 4) float64, pixels.
    """

    ids: npt.NDArray[np.int64]
    boxes_xyxy: FloatArray


@dataclass(frozen=True, slots=True)
class TrackingScore:
    """Quality of one run over one sequence.

    Attributes:
        hota: Higher order tracking accuracy, 0 to 1 (Luiten et al. 2021).
        det_a, ass_a: Its two parts: how well people are found, how well they are followed.
        idf1: Identity F1, 0 to 1 (Ristani et al. 2016).
        mota: CLEAR MOT accuracy, at most 1 (Bernardin & Stiefelhagen 2008).
        switches: Times a person's track takes another id.
        ids: Number of different ids given.
    """

    hota: float
    det_a: float
    ass_a: float
    idf1: float
    mota: float
    switches: int
    ids: int


def read_truth(file: Path, *, frames: int, only_pedestrians: bool) -> list[Sighting]:
    """Return the ground truth of each frame of a MOT file.

    Args:
        file: ``frame, id, left, top, width, height, flag, class, visibility``; 1-based frames.
        frames: Number of frames of the sequence.
        only_pedestrians: Keep rows of class 1 whose flag is 1 (MOT17); else keep every row.
    """
    rows = np.loadtxt(file, delimiter=",")
    if only_pedestrians:
        rows = rows[(rows[:, 6] == 1) & (rows[:, 7] == 1)]
    found = []
    for number in range(1, frames + 1):
        here = rows[rows[:, 0] == number]
        boxes = np.concatenate([here[:, 2:4], here[:, 2:4] + here[:, 4:6]], axis=1)
        found.append(Sighting(here[:, 1].astype(np.int64), boxes))
    return found


def overlap(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the intersection over union of every box of one set with every one of the other."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=2)
    area_one = np.prod(one[:, 2:] - one[:, :2], axis=1)
    area_other = np.prod(other[:, 2:] - other[:, :2], axis=1)
    union = area_one[:, None] + area_other[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def score(truth: Sequence[Sighting], tracks: Sequence[Sighting]) -> TrackingScore:
    """Return the quality of ``tracks``, frame by frame against ``truth``."""
    overlaps = [overlap(t.boxes_xyxy, s.boxes_xyxy) for t, s in zip(truth, tracks, strict=True)]
    hota = _hota(truth, tracks, overlaps)
    clear = _clear(truth, tracks, overlaps)
    return TrackingScore(
        hota=float(np.mean(hota["HOTA"])),
        det_a=float(np.mean(hota["DetA"])),
        ass_a=float(np.mean(hota["AssA"])),
        idf1=float(clear["idf1"]),
        mota=float(clear["mota"]),
        switches=int(clear["num_switches"]),
        ids=len(_numbered(tracks)[0]),
    )


def _hota(
    truth: Sequence[Sighting], tracks: Sequence[Sighting], overlaps: list[FloatArray]
) -> dict[str, Any]:
    """Let TrackEval compute HOTA; it wants ids from 0 without gaps."""
    with contextlib.redirect_stdout(io.StringIO()):  # it speaks of parts that are not installed
        from trackeval.metrics.hota import HOTA  # noqa: PLC0415 - only where tracks are judged

        true_ids, true_per_frame = _numbered(truth)
        track_ids, tracks_per_frame = _numbered(tracks)
        result: dict[str, Any] = HOTA().eval_sequence(
            {
                "num_timesteps": len(truth),
                "num_gt_ids": len(true_ids),
                "num_tracker_ids": len(track_ids),
                "num_gt_dets": sum(len(ids) for ids in true_per_frame),
                "num_tracker_dets": sum(len(ids) for ids in tracks_per_frame),
                "gt_ids": true_per_frame,
                "tracker_ids": tracks_per_frame,
                "similarity_scores": overlaps,
            }
        )
    return result


def _clear(
    truth: Sequence[Sighting], tracks: Sequence[Sighting], overlaps: list[FloatArray]
) -> dict[str, Any]:
    """Let motmetrics compute the identity and CLEAR MOT figures."""
    import motmetrics  # noqa: PLC0415 - brings pandas, only where tracks are judged

    events = motmetrics.MOTAccumulator(auto_id=True)
    for true, seen, similar in zip(truth, tracks, overlaps, strict=True):
        distance = np.where(similar >= MATCH_IOU, 1.0 - similar, np.nan)
        events.update(true.ids, seen.ids, distance)
    summary = motmetrics.metrics.create().compute(
        events, metrics=["idf1", "mota", "num_switches"], return_dataframe=False
    )
    return dict(summary)


def _numbered(
    sightings: Sequence[Sighting],
) -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.int64]]]:
    """Return all ids in order, and each frame's ids as places in that order."""
    known = np.unique(np.concatenate([np.zeros(0, np.int64), *(item.ids for item in sightings)]))
    return known, [np.searchsorted(known, item.ids) for item in sightings]
