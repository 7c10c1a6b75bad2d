"""Boxes of people whose paths are known: where they are drawn, and what is hidden."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.walked_boxes import PICTURE_WH, Walk, walked_clip

WALK = Walk("walk.txt", 0.01, 10.0, 0, 3.0)


def _file(folder: Path, *, apart_m: float) -> Path:
    """Write two people who walk abreast (or one behind the other) towards the camera."""
    rows = [
        f"{person} {n} {0 if person == 1 else 100 * apart_m} {300 - 10 * n + 60 * person} 175"
        for n in range(30)
        for person in (1, 2)
    ]
    (folder / WALK.file).write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_people_abreast_are_both_found_where_they_are(tmp_path: Path) -> None:
    clip = walked_clip(_file(tmp_path, apart_m=2.0), WALK, keep_every=2)
    assert clip.rate_hz == 5.0 and len(clip.truth) == 15
    first, last = clip.truth[0].boxes_xyxy, clip.truth[-1].boxes_xyxy
    assert ((last[:, 3] - last[:, 1]) > (first[:, 3] - first[:, 1])).all(), "nearer is larger"
    assert (last[:, 3] <= PICTURE_WH[1] * 1.5).all()
    found, true = clip.detections[3].boxes_xyxy[:, 0], clip.truth[3].boxes_xyxy[:, 0]
    assert np.abs(np.sort(found) - np.sort(true)).max() < 20


def test_who_is_hidden_is_no_truth_and_hardly_found(tmp_path: Path) -> None:
    clip = walked_clip(_file(tmp_path, apart_m=0.0), WALK, keep_every=1)
    assert {tuple(item.ids.tolist()) for item in clip.truth} <= {(1,), (1, 2)}
    assert np.mean([len(found) for found in clip.detections]) < 1.6


def test_the_same_seed_makes_the_same_boxes(tmp_path: Path) -> None:
    folder = _file(tmp_path, apart_m=1.0)
    one, other = (walked_clip(folder, WALK, keep_every=1, seed=5) for _ in range(2))
    assert all(
        np.array_equal(a.boxes_xyxy, b.boxes_xyxy)
        for a, b in zip(one.detections, other.detections, strict=True)
    )
