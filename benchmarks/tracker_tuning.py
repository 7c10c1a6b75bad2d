"""Which thresholds suit walking crowds: ``python -m benchmarks.tracker_tuning``.

Judges BoT-SORT and ByteTrack on `walked_boxes`, never on the sequences of the benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from backend.core.frame import Frame
from backend.vision.adapters.botsort import make_botsort
from backend.vision.adapters.bytetrack import make_bytetrack
from backend.vision.tracker import TrackerParams
from benchmarks.figures import assets_folder
from benchmarks.tracker_runs import sightings
from benchmarks.tracking_score import TrackingScore, score
from benchmarks.walked_boxes import PICTURE_WH, WALKS, walked_clip

RATES_HZ = (25, 8, 5)
MATCH_DISTANCES = (0.8, 0.85, 0.9, 0.95)


def judged(folder: Path, kind: str, params: TrackerParams, rate_hz: int) -> list[TrackingScore]:
    """Return the score of a tracker on every walk at about this frame rate."""
    width, height = PICTURE_WH
    picture = np.zeros((height, width, 3), np.uint8)
    frame = Frame(0, picture, 0.0, 0, datetime(2026, 1, 1, tzinfo=UTC), 0.0)
    make = make_botsort if kind == "botsort" else make_bytetrack
    scores = []
    for walk in WALKS:
        clip = walked_clip(folder, walk, keep_every=max(1, round(walk.rate_hz / rate_hz)))
        tracker = make(clip.rate_hz, params)
        tracks = [tracker.update(found, frame) for found in clip.detections]
        scores.append(score(clip.truth, sightings(tracks)))
    return scores


def table(folder: Path) -> Iterator[str]:
    """Yield a line for each tracker, threshold and rate."""
    for kind in ("botsort", "bytetrack"):
        for distance in MATCH_DISTANCES:
            for rate_hz in RATES_HZ:
                found = judged(folder, kind, TrackerParams(match_distance=distance), rate_hz)
                hota = np.mean([item.hota for item in found])
                idf1 = np.mean([item.idf1 for item in found])
                switches = sum(item.switches for item in found)
                yield (
                    f"{kind:10} match_distance {distance:.2f} at {rate_hz:2} Hz: "
                    f"HOTA {hota:.3f}, IDF1 {idf1:.3f}, {switches} switches"
                )


if __name__ == "__main__":
    assets = assets_folder()
    if assets is None:
        sys.exit("CROWDSAFE_TEST_ASSETS is not set: no trajectories")
    for line in table(assets / "data" / "trajectories"):
        print(line, flush=True)
