"""How right the numbers are: counts and walking speeds against published ground truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.core.frame import FloatArray
from backend.core.snapshot import Snapshot
from backend.crowd.motion import velocities
from benchmarks.clip_run import pipeline_parts, run_clip, true_calibration
from benchmarks.figures import Figure, assets_folder, figure

COVERAGE = "count.interval_coverage_pets09_s2l1"
MISSED = "count.mean_error_pets09_s2l1"
NIGHT = "count.interval_coverage_mot17_04"
SPEED = "crowd.speed_error_pets09"
STREET = "crowd.median_speed_town_centre_mps"
HALVED = "crowd.speed_change_half_rate"

PETS_HZ = 7.0
WARM_UP_S = 1.0
"""Nobody has a velocity before; in the first second of a clip there is nothing to compare."""


def measure() -> list[Figure]:
    """Return the figures; without test material, why there are none."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        return [
            figure(name, None, unit, note=note)
            for name, unit in (
                (COVERAGE, "ratio"),
                (MISSED, "people"),
                (NIGHT, "ratio"),
                (SPEED, "ratio"),
                (STREET, "m/s"),
                (HALVED, "ratio"),
            )
        ]
    return [*_pets(assets), _mot17(assets), *_town_centre(assets)]


def _pets(assets: Path) -> list[Figure]:
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    truth = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    calibration = true_calibration(folder / "calibration" / "view001_homography.json")
    with pipeline_parts(assets) as parts:
        # two runs: with a calibration only people on the monitored ground are counted
        counted = run_clip(parts, folder / "PETS09-S2L1.avi", true_fps=PETS_HZ)
        walked = run_clip(
            parts, folder / "PETS09-S2L1.avi", true_fps=PETS_HZ, calibration=calibration
        )
    inside, error = interval_coverage(counted, truth)
    measured = speeds_of(walked)
    true_speed = true_speeds(truth, frame_rate_hz=PETS_HZ)
    relative = float(abs(measured.mean() / true_speed.mean() - 1))
    return [
        figure(
            COVERAGE,
            round(inside, 3),
            "ratio",
            target=">= 0.8",
            note=f"{len(counted)} frames, 90 % interval",
        ),
        figure(MISSED, round(error, 2), "people", note=f"mean truth {_mean_truth(truth):.1f}"),
        figure(
            SPEED,
            round(relative, 4),
            "ratio",
            target="<= 0.05",
            note=f"{measured.mean():.3f} m/s measured, {true_speed.mean():.3f} m/s in truth",
        ),
    ]


def _mot17(assets: Path) -> Figure:
    folder = assets / "data" / "mot" / "MOT17-04-first8"
    truth = np.loadtxt(folder / "gt.txt", delimiter=",")
    truth = truth[(truth[:, 6] == 1) & (truth[:, 7] == 1)]
    with pipeline_parts(assets) as parts:
        seen = run_clip(parts, folder / "MOT17-04_frames1-8_1920x1080.mp4")
    inside, error = interval_coverage(seen, truth)
    return figure(
        NIGHT,
        round(inside, 3),
        "ratio",
        note=f"dense street at night, {len(seen)} frames, mean error {error:+.1f} of "
        f"{_mean_truth(truth):.0f} people",
    )


def _town_centre(assets: Path) -> list[Figure]:
    calibration = true_calibration(
        assets / "data" / "mot" / "TownCentre" / "towncentre_homography.json"
    )
    video = assets / "videos" / "town-centre.mp4"
    with pipeline_parts(assets) as parts:
        whole = speeds_of(run_clip(parts, video, calibration=calibration))
        half = speeds_of(run_clip(parts, video, calibration=calibration, keep_every=2))
    change = float(abs(np.median(half) / np.median(whole) - 1))
    return [
        figure(
            STREET,
            round(float(np.median(whole)), 3),
            "m/s",
            target=">= 1.1",
            note=f"of {len(whole)} speeds; must lie below 1.8 m/s too",
        ),
        figure(
            HALVED,
            round(change, 4),
            "ratio",
            target="<= 0.03",
            note=f"{np.median(half):.3f} m/s with every second frame lost",
        ),
    ]


def interval_coverage(seen: list[Snapshot], truth: FloatArray) -> tuple[float, float]:
    """Share of frames whose truth lies inside the count's interval, and the mean error.

    Args:
        seen: Snapshots of the clip.
        truth: Ground truth in MOT layout, 1-based frame numbers in the first column.
    """
    inside, errors = [], []
    for snapshot in seen:
        people = int((truth[:, 0] == snapshot.frame_index + 1).sum())
        metrics = snapshot.metrics
        high = np.inf if metrics.count_high is None else metrics.count_high
        inside.append(metrics.count_low <= people <= high)
        errors.append(metrics.count - people)
    return float(np.mean(inside)), float(np.mean(errors))


def _mean_truth(truth: FloatArray) -> float:
    return len(truth) / len(np.unique(truth[:, 0]))


def speeds_of(seen: list[Snapshot]) -> FloatArray:
    """Every speed measured of anybody in any frame after the first second, (S,) m/s."""
    return np.array(
        [
            track.speed_mps
            for snapshot in seen
            if snapshot.stream_time_s >= WARM_UP_S
            for track in snapshot.picture.tracks
            if track.speed_mps is not None
        ]
    )


def true_speeds(truth: FloatArray, *, frame_rate_hz: float) -> FloatArray:
    """Speeds from the world coordinates of the truth by the same estimator, (S,) m/s.

    Args:
        truth: MOT layout with ground positions in metres in columns 8 and 9 (1-based).
        frame_rate_hz: True frame rate.
    """
    times_s = np.unique(truth[:, 0]) / frame_rate_hz
    ids = np.unique(truth[:, 1])
    positions = np.full((len(ids), len(times_s), 2), np.nan)
    frame = np.searchsorted(np.unique(truth[:, 0]), truth[:, 0])
    positions[np.searchsorted(ids, truth[:, 1]), frame] = truth[:, 7:9]
    found = []
    span = round(2.5 * frame_rate_hz)
    for now in range(round(WARM_UP_S * frame_rate_hz), len(times_s)):
        recent = slice(max(now - span, 0), now + 1)
        velocity = velocities(times_s[recent], positions[:, recent])
        found.append(np.hypot(velocity[:, 0], velocity[:, 1]))
    speed = np.concatenate(found)
    return np.asarray(speed[~np.isnan(speed)])
