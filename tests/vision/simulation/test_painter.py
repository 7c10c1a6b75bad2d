"""The drawn picture: people where they stand, in their own clothes, and marked as simulated."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import Image
from backend.vision.simulation.crowd import Standing
from backend.vision.simulation.painter import Painter
from backend.vision.simulation.places import PLACES
from backend.vision.simulation.wardrobe import look_of

NOBODY = np.zeros((0, 2))


def people(*at: tuple[float, float], first: int = 1, walked_m: float = 0.0) -> Standing:
    positions = np.array(at, dtype=np.float64) if at else NOBODY
    n = len(positions)
    return Standing(
        ids=np.arange(first, first + n),
        positions_m=positions,
        facing=np.tile((0.0, 1.0), (n, 1)),
        speed_mps=np.full(n, 1.2),
        walked_m=np.full(n, walked_m),
    )


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(PLACES["calm"], seed=0, caption="SIMULATED")


def changed(before: Image, after: Image) -> np.ndarray:
    return np.asarray((before != after).any(axis=2))


def test_a_person_is_drawn_within_his_or_her_box(painter: Painter) -> None:
    empty = painter.paint(people(), gates_shut=False)
    for x, y in ((0.0, 12.0), (-7.0, 20.0), (6.0, 10.0)):
        drawn = changed(empty, painter.paint(people((x, y)), gates_shut=False))
        box = PLACES["calm"].camera.body_boxes(np.array([[x, y]]))[0]
        rows = np.flatnonzero(drawn[:, int(box[0]) : int(box[2])].any(axis=1))
        tall = box[3] - box[1]
        assert abs(rows[0] - box[1]) < 0.2 * tall
        assert abs(rows[-1] - box[3]) < 0.2 * tall
        inside = drawn[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])].mean()
        assert inside > 0.35


def test_whoever_is_nearer_covers_whoever_is_farther(painter: Painter) -> None:
    alone = painter.paint(people((0.0, 12.0), first=2), gates_shut=False)
    both = painter.paint(people((0.0, 13.0), (0.0, 12.0)), gates_shut=False)
    box = PLACES["calm"].camera.body_boxes(np.array([[0.0, 12.0]]))[0].astype(int)
    middle = (box[0] + box[2]) // 2
    torso = np.s_[box[1] + 30 : box[1] + 50, middle - 4 : middle + 4]
    assert np.abs(alone[torso].astype(int) - both[torso].astype(int)).mean() < 8


def test_clothes_stay_the_same_and_differ_from_others(painter: Painter) -> None:
    assert (look_of(5, seed=0).colours == look_of(5, seed=0).colours).all()
    assert (look_of(5, seed=0).colours != look_of(6, seed=0).colours).any()
    assert (look_of(5, seed=0).colours != look_of(5, seed=1).colours).any()


def test_legs_move_with_the_way_gone(painter: Painter) -> None:
    steps = [painter.paint(people((0.0, 12.0), walked_m=m), gates_shut=False) for m in (0.0, 0.4)]
    assert changed(*steps).any()


def test_nobody_can_take_it_for_real(painter: Painter) -> None:
    crowded = painter.paint(people(*[(x / 2, 8.5) for x in range(13)]), gates_shut=False)
    empty = painter.paint(people(), gates_shut=False)
    plate = np.s_[664:700, 1112:1262]
    assert (crowded[plate] == empty[plate]).all()
    assert (empty[plate] < 40).all(axis=2).mean() > 0.5
    assert (empty[plate][:, :, 2] > 200).mean() > 0.1


def test_gates_are_drawn_shut_and_open() -> None:
    gates = Painter(PLACES["crush"], seed=0, caption="SIMULATED")
    shut, opened = (gates.paint(people(), gates_shut=is_shut) for is_shut in (True, False))
    assert changed(shut, opened).sum() > 1000
