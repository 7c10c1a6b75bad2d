"""Counting lines in the picture against PedPy and against whole trajectories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pedpy
import pytest
import shapely
from pedpy.methods.method_utils import compute_crossing_frames

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.core.places import CountingLine
from backend.core.trust import Trust
from backend.crowd.flow import Crossings, cumulative_count
from backend.crowd.places.line_bank import PERSON_M, LineBank, LinePassage
from benchmarks.places_bench import PETS_LINES
from tests.reference.dense_tracks import DenseTracks, dense
from tests.reference.known_cameras import PETS_FPS, PETS_WH, boxes_of, pets
from tests.reference.trajectories import Trajectory, load

pytestmark = pytest.mark.assets

PX_PER_M = 80.0
MARGIN_M = 1.0

PETS_COUNTS = {"upright": (13, 17), "level": (13, 18), "oblique": (10, 15)}
"""Who passes in and out."""


class _FromAbove:
    """A camera that looks straight down on a recorded run: metres to pixels, y down."""

    def __init__(self, run: Trajectory) -> None:
        self._west, south = run.positions_m.min(axis=0) - MARGIN_M
        east, self._north = run.positions_m.max(axis=0) + MARGIN_M
        size_px = PX_PER_M * np.array([east - self._west, self._north - south])
        self.picture_wh = int(np.ceil(size_px[0])), int(np.ceil(size_px[1]))
        start, end = (self.to_px(run.line_m) / self.picture_wh).tolist()
        self.line = CountingLine(1, run.name, tuple(start), tuple(end))

    def to_px(self, positions_m: FloatArray) -> FloatArray:
        return np.stack(
            [
                PX_PER_M * (positions_m[..., 0] - self._west),
                PX_PER_M * (self._north - positions_m[..., 1]),
            ],
            axis=-1,
        )


def _count(run: Trajectory, tracks: DenseTracks) -> tuple[LineBank, list[LinePassage]]:
    camera = _FromAbove(run)
    bank = LineBank((camera.line,))
    feet, heights = camera.to_px(tracks.positions_m), np.full(tracks.ids.size, PX_PER_M * PERSON_M)
    passages: list[LinePassage] = []
    for column, now_s in enumerate(tracks.times_s.tolist()):
        passages += bank.update(
            tracks.ids,
            feet[:, column],
            heights,
            stream_time_s=now_s,
            segment=0,
            picture_wh=camera.picture_wh,
        )
    return bank, passages


@pytest.mark.parametrize("name", ["bottleneck", "uo-050", "uo-100"])
def test_in_and_out_are_pedpys(assets: Path, name: str) -> None:
    """Nobody turns back on these lines: N–t and its frames are the same to the person."""
    run = load(assets, name)
    tracks = dense(run)
    bank, passages = _count(run, tracks)
    samples, line = run.to_pedpy(), pedpy.MeasurementLine(run.line_m.tolist())
    n_t, crossing = pedpy.compute_n_t(traj_data=samples, measurement_line=line)

    row_of = {track_id: row for row, track_id in enumerate(tracks.ids.tolist())}
    beyond = np.searchsorted(tracks.times_s, [each.time_s for each in passages], side="right")
    found = Crossings(
        np.array([row_of[each.track_id] for each in passages]),
        np.array([each.time_s for each in passages]),
        np.array([1 if each.is_in else -1 for each in passages]),
        beyond,
    )
    counted = cumulative_count(found, tracks.times_s)
    assert counted.tolist() == n_t.cumulative_pedestrians.tolist()
    ids = [each.track_id for each in passages]
    assert sorted(zip(ids, tracks.frames[beyond].tolist(), strict=True)) == sorted(
        zip(crossing.id, crossing.frame, strict=True)
    )
    (reading,) = bank.readings(Trust.OK)
    everybody = int(n_t.cumulative_pedestrians.iloc[-1])
    expected = (0, everybody) if name == "bottleneck" else (everybody, 0)
    assert (reading.count_in, reading.count_out) == expected


@pytest.mark.parametrize(("name", "counts"), [("uo-180", (148, 0)), ("bi-corr", (231, 249))])
def test_who_sways_on_the_line_is_counted_once(
    assets: Path, name: str, counts: tuple[int, int]
) -> None:
    """PedPy names every crossing, also of two people who step back over the line at once."""
    run = load(assets, name)
    bank, passages = _count(run, dense(run))
    every = compute_crossing_frames(
        traj_data=run.to_pedpy(), measurement_line=pedpy.MeasurementLine(run.line_m.tolist())
    )
    once = set(every.id)
    assert 0 < len(every) - len(once) <= 4
    assert {each.track_id for each in passages} <= once
    (reading,) = bank.readings(Trust.OK)
    assert (reading.count_in, reading.count_out) == counts
    assert len(passages) == sum(counts)
    assert len(once) - 2 <= len(passages) <= len(once)


def _through(
    track: FloatArray, start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> tuple[int, int]:
    """How often the polyline of a whole trajectory meets the line, towards either side."""
    steps = shapely.linestrings(np.stack([track[:-1], track[1:]], axis=1))
    met = np.flatnonzero(shapely.intersects(steps, shapely.LineString([start, end])))
    # Seen from above with y up (the picture upside down) a ring start, end, point runs clockwise
    # when the point lies to the right.
    right = [
        not shapely.LinearRing([_up(start), _up(end), _up(track[row + 1])]).is_ccw
        for row in met.tolist()
    ]
    return right.count(True), right.count(False)


def _up(point: FloatArray) -> Point:
    return float(point[0]), -float(point[1])


@pytest.mark.parametrize("line", PETS_LINES, ids=lambda line: line.name)
def test_true_tracks_of_pets_through_a_line(assets: Path, line: CountingLine) -> None:
    rows = pets(assets)[1]
    boxes = boxes_of(rows)
    feet = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    people = rows[:, 1].astype(np.int64)
    ends = np.array([line.start, line.end]) * PETS_WH
    met = [_through(feet[people == each], *ends) for each in np.unique(people)]
    assert tuple(np.sum(met, axis=0).tolist()) == PETS_COUNTS[line.name]

    bank = LineBank(PETS_LINES)
    for frame in np.unique(rows[:, 0]):
        here = rows[:, 0] == frame
        bank.update(
            people[here],
            feet[here],
            rows[here, 5],
            stream_time_s=float(frame) / PETS_FPS,
            segment=0,
            picture_wh=PETS_WH,
        )
    (reading,) = (each for each in bank.readings(Trust.OK) if each.line_id == line.line_id)
    assert (reading.count_in, reading.count_out) == PETS_COUNTS[line.name]
