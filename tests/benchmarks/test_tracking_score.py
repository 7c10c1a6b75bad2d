"""HOTA, IDF1 and MOTA on cases that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.tracking_score import Sighting, overlap, read_truth, score

LEFT, RIGHT = (0.0, 0.0, 40.0, 100.0), (300.0, 0.0, 340.0, 100.0)


def _frames(ids: list[tuple[int, ...]]) -> list[Sighting]:
    places = np.array([LEFT, RIGHT])
    return [Sighting(np.array(here, np.int64), places[: len(here)]) for here in ids]


def test_perfect_tracks() -> None:
    truth = _frames([(1, 2)] * 10)
    found = score(truth, _frames([(7, 5)] * 10))
    assert (found.hota, found.idf1, found.mota) == pytest.approx((1.0, 1.0, 1.0))
    assert (found.switches, found.ids) == (0, 2)


def test_two_who_swap_their_ids_halfway() -> None:
    truth = _frames([(1, 2)] * 10)
    found = score(truth, _frames([(1, 2)] * 5 + [(2, 1)] * 5))
    assert found.switches == 2
    assert found.mota == pytest.approx(1 - 2 / 20)
    assert found.idf1 == pytest.approx(0.5)
    # each box: 5 frames of the same pair of 10 + 10 − 5
    assert found.ass_a == pytest.approx(1 / 3)
    assert found.hota == pytest.approx(np.sqrt(1 / 3))


def test_one_of_two_is_never_seen() -> None:
    found = score(_frames([(1, 2)] * 10), _frames([(1,)] * 10))
    assert found.det_a == pytest.approx(0.5) and found.ass_a == pytest.approx(1.0)
    assert found.mota == pytest.approx(0.5)


def test_overlap_of_boxes() -> None:
    one = np.array([LEFT])
    other = np.array([(20.0, 0.0, 60.0, 100.0), RIGHT, (5.0, 5.0, 5.0, 5.0)])
    assert overlap(one, other)[0].tolist() == pytest.approx([1 / 3, 0.0, 0.0])
    assert overlap(one, other[:0]).shape == (1, 0)


def test_truth_of_a_mot_file(tmp_path: Path) -> None:
    file = tmp_path / "gt.txt"
    file.write_text("1,4,10,20,30,40,1,1,1\n1,5,0,0,9,9,0,1,1\n3,4,1,1,2,2,1,7,1\n")
    kept = read_truth(file, frames=3, only_pedestrians=True)
    assert [item.ids.tolist() for item in kept] == [[4], [], []]
    assert kept[0].boxes_xyxy.tolist() == [[10, 20, 40, 60]]
    everything = read_truth(file, frames=3, only_pedestrians=False)
    assert [len(item.ids) for item in everything] == [2, 0, 1]
