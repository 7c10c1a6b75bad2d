"""Time of zones and counting lines, and how lines count on a clip whose truth is known.

500 people walk about at one per square metre in front of a calibrated camera at 25 frames a
second, over 200 zones and 200 lines; a density map of all of them comes once a second.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import shapely
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from backend.core.places import CameraPlaces, CountingLine, LineReading
from backend.core.trust import Trust
from backend.crowd.line_counter import LineCounter
from backend.crowd.line_passages import HANDOVER_M, HYSTERESIS_M
from backend.crowd.places.line_bank import PERSON_M, LineBank
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.places.places_meter import PlacesMeter
from benchmarks.figures import Figure, assets_folder, figure
from benchmarks.tracker_runs import appearances, our_tracker, pets, run_ours, sightings
from benchmarks.tracking_score import Sighting
from benchmarks.walking_crowd import PICTURE_WH
from benchmarks.walking_places import many_lines, many_zones, place_frames

EACH_FRAME = "places.ms_200_zones_500_people"
ALL = "places.ms_200_zones_500_people_all"
LINE_ERROR = "places.line_error_pets09_s2l1"

PLACES, PEOPLE = 200, 500
WARM_UP_FRAMES = 65
MEASURED_FRAMES = 100
ROUNDS = 3
"""The round with the lowest median counts: other work on the machine only ever adds time."""

BASELINE_FRAMES = 10
BASELINE_BODY_PX = 100.0
PETS_WH = (768, 576)
PETS_LINES = (
    CountingLine(1, "upright", (0.55, 0.95), (0.55, 0.3)),
    CountingLine(2, "level", (0.3, 0.5), (0.95, 0.5)),
    CountingLine(3, "oblique", (0.2, 0.6), (0.7, 0.3)),
)
"""Lines nobody lingers on: on the true tracks the counts are those of the whole trajectories."""


def measure() -> list[Figure]:
    """Return the rows of ``make bench``."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            timed = time_figures()
    finally:
        cv2.setNumThreads(threads)
    return [*timed, line_figure()]


def time_figures() -> list[Figure]:
    """Time a frame with who is where and who passes, and one with every number of the zones."""
    places = CameraPlaces(1, many_zones(PLACES), many_lines(PLACES))
    frames, meter = place_frames(PEOPLE), PlacesMeter()
    meter.set_places(places)
    for _ in range(WARM_UP_FRAMES):
        meter.update(next(frames))
    rounds = [_round_ms(meter, frames) for _ in range(ROUNDS)]
    follow_ms, whole_ms = (min(times) for times in zip(*rounds, strict=True))
    return [
        figure(
            EACH_FRAME,
            round(follow_ms, 2),
            "ms",
            target="<= 3",
            note=(
                f"zones and as many lines; shapely for the zones and a counter a line "
                f"{_baseline_ms(places, frames):.0f} ms"
            ),
        ),
        figure(
            ALL,
            round(whole_ms, 2),
            "ms",
            target="<= 15",
            note=f"once a second, what every frame takes ({follow_ms:.2f} ms) in it",
        ),
    ]


def _round_ms(meter: PlacesMeter, frames: Iterator[PlaceFrame]) -> tuple[float, float]:
    """Medians of frames without and with new readings of the zones."""
    follow: list[float] = []
    whole: list[float] = []
    for _ in range(MEASURED_FRAMES):
        frame, before = next(frames), meter.readings.zones
        began_s = time.perf_counter()
        after = meter.update(frame).zones
        spent_ms = 1000 * (time.perf_counter() - began_s)
        (follow if after is before else whole).append(spent_ms)
    return statistics.median(follow), statistics.median(whole)


def _baseline_ms(places: CameraPlaces, frames: Iterator[PlaceFrame]) -> float:
    """The same frames by means at hand: membership by shapely, one counter a line."""
    polygons = np.array([shapely.Polygon(np.array(z.corners) * PICTURE_WH) for z in places.zones])
    shapely.prepare(polygons)
    metre_px = BASELINE_BODY_PX / PERSON_M
    counters = [
        LineCounter(
            np.array([line.start, line.end]) * PICTURE_WH,
            hysteresis=HYSTERESIS_M * metre_px,
            handover_distance=HANDOVER_M * metre_px,
        )
        for line in places.lines
    ]
    spent_ms = []
    for _ in range(BASELINE_FRAMES):
        frame = next(frames)
        feet, now_s = frame.feet_px, frame.facts.stream_time_s
        began_s = time.perf_counter()
        shapely.contains_xy(polygons, feet[:, :1], feet[:, 1:])
        for counter in counters:
            counter.update(frame.seen.tracks.track_ids, feet, stream_time_s=now_s, segment=0)
        spent_ms.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(spent_ms)


def line_figure() -> Figure:
    """Count three lines of PETS09-S2L1 on the tracks a camera has, beside the true ones."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        return figure(LINE_ERROR, None, "ratio", note=note)
    clip = pets(assets)
    with appearances() as open_embedder:
        tracks, _ = run_ours(our_tracker("botsort", clip.rate_hz, open_embedder), clip)
    return line_error(
        count_lines(sightings(tracks), clip.rate_hz), count_lines(clip.truth, clip.rate_hz)
    )


def count_lines(seen: Iterable[Sighting], rate_hz: float) -> tuple[LineReading, ...]:
    """Return what `PETS_LINES` count on tracks, frame by frame."""
    bank = LineBank(PETS_LINES)
    for number, each in enumerate(seen):
        boxes = each.boxes_xyxy
        bank.update(
            each.ids,
            np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1),
            boxes[:, 3] - boxes[:, 1],
            stream_time_s=number / rate_hz,
            segment=0,
            picture_wh=PETS_WH,
        )
    return bank.readings(Trust.OK)


def line_error(found: tuple[LineReading, ...], true: tuple[LineReading, ...]) -> Figure:
    """Passages counted too many or too few, of each line and direction, per true passage."""
    off = passages = 0
    told = []
    for line, ours, truth in zip(PETS_LINES, found, true, strict=True):
        off += abs(ours.count_in - truth.count_in) + abs(ours.count_out - truth.count_out)
        passages += truth.count_in + truth.count_out
        told.append(
            f"{line.name} in {ours.count_in} of {truth.count_in}, "
            f"out {ours.count_out} of {truth.count_out}"
        )
    note = "detector and tracker of the truth: " + "; ".join(told)
    return figure(LINE_ERROR, round(off / passages, 3), "ratio", note=note)


if __name__ == "__main__":
    for row in measure():
        print(row)
