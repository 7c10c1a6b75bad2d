"""How well people are followed: our trackers and the stock ones on the same boxes."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from backend.core.camera import CameraConfig, SourceSpec, SourceType
from backend.core.frame import Tracks
from benchmarks.clip_run import pipeline_parts
from benchmarks.figures import Figure, assets_folder, figure
from benchmarks.tracker_runs import (
    OURS,
    STOCK,
    Sequence,
    appearances,
    counts,
    crowd,
    mot17,
    our_tracker,
    pets,
    run_ours,
    run_stock,
    sightings,
)
from benchmarks.tracking_score import TrackingScore, score

HOTA = "tracking.hota_pets09_s2l1"
OVER_STOCK = "tracking.hota_over_stock_pets09_s2l1"
IDF1 = "tracking.idf1_pets09_s2l1"
COUNT = "count.mae_pets09_s2l1"

SPEED_FRAMES = 10
SPEED_PEOPLE = (10, 50, 200)


def measure() -> list[Figure]:
    """Return the figures; without test material, why there are none."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        named = ((HOTA, "ratio"), (OVER_STOCK, "ratio"), (IDF1, "ratio"), (COUNT, "people"))
        return [figure(name, None, unit, note=note) for name, unit in named]
    sequence = pets(assets)
    tracks, scores = _judge(sequence)
    own, stock = scores["botsort"], scores["stock botsort"]
    return [
        figure(HOTA, round(own.hota, 4), "ratio", note=f"stock BoT-SORT {stock.hota:.4f}"),
        figure(
            OVER_STOCK,
            round(own.hota / stock.hota, 3),
            "ratio",
            target=">= 1",
            note="BoT-SORT as cameras have it over BoT-SORT as ultralytics sets it, same boxes",
        ),
        figure(IDF1, round(own.idf1, 4), "ratio", note=f"stock BoT-SORT {stock.idf1:.4f}"),
        _count(assets, sequence, tracks),
        *_rows("pets09_s2l1", scores),
        *_rows("mot17_04_first8", _judge(mot17(assets))[1]),
        *_speed(),
    ]


def _judge(sequence: Sequence) -> tuple[list[Tracks], dict[str, TrackingScore]]:
    """Return BoT-SORT's tracks, and the score of every tracker."""
    scores: dict[str, TrackingScore] = {}
    kept: list[Tracks] = []
    with appearances() as open_embedder:
        for kind in OURS:
            tracker = our_tracker(kind, sequence.rate_hz, open_embedder)
            tracks, _ = run_ours(tracker, sequence)
            kept = tracks if kind == "botsort" else kept
            scores[kind] = score(sequence.truth, sightings(tracks))
    for kind in STOCK:
        scores[kind] = score(sequence.truth, run_stock(kind, sequence)[0])
    return kept, scores


def _rows(sequence: str, scores: dict[str, TrackingScore]) -> list[Figure]:
    """Return one figure for each tracker: HOTA, with everything else beside it."""
    return [
        figure(
            f"tracking.{kind.replace(' ', '_')}.hota_{sequence}",
            round(found.hota, 4),
            "ratio",
            note=f"DetA {found.det_a:.3f}, AssA {found.ass_a:.3f}, IDF1 {found.idf1:.3f}, "
            f"MOTA {found.mota:.3f}, {found.switches} switches, {found.ids} ids",
        )
        for kind, found in scores.items()
    ]


def _count(assets: Path, sequence: Sequence, tracks: list[Tracks]) -> Figure:
    """Return the mean absolute error of the count, by estimate; by tracks alone beside it."""
    truth = np.array([len(item.ids) for item in sequence.truth])
    with pipeline_parts(assets) as parts:
        spec = SourceSpec(SourceType.UPLOAD, str(sequence.video))
        detector = parts.open_detector(CameraConfig(1, "clip", spec))
        try:
            estimated = np.array(counts(parts, detector.info, sequence, tracks))
        finally:
            detector.close()
    followed = np.array([len(item) for item in tracks])
    return figure(
        COUNT,
        round(float(np.abs(estimated - truth).mean()), 3),
        "people",
        note=f"tracks alone {np.abs(followed - truth).mean():.3f}, mean truth {truth.mean():.1f}",
    )


def _speed() -> list[Figure]:
    """Return milliseconds a frame of each of our trackers."""
    figures = []
    with appearances() as open_embedder:
        for kind in OURS:
            spent: dict[int, float] = {}
            for people in SPEED_PEOPLE:
                tracker = our_tracker(kind, 10.0, open_embedder)
                times_s = []
                for found, frame in crowd(people, SPEED_FRAMES):
                    started_s = time.perf_counter()
                    tracker.update(found, frame)
                    times_s.append(time.perf_counter() - started_s)
                spent[people] = 1000 * float(np.median(times_s[2:]))
            note = ", ".join(f"{people}: {ms:.1f} ms" for people, ms in spent.items())
            figures.append(
                figure(f"tracking.{kind}.ms_50_people", round(spent[50], 2), "ms", note=note)
            )
    return figures
