"""``draw-maps``: what a density network sees in pictures and videos, to be looked at.

Left the picture, right the same with the heat of its map, a dot at every head that stands out,
and the count with its 90 % interval: heat and dots as an operator of an uncalibrated camera sees
them, with the map counting everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np

from backend.core.camera import ModelInfo, Overlay
from backend.core.frame import Frame, Image
from backend.core.measurements import CountMethod, CrowdMetrics, CrowdPicture
from backend.core.observation import CrowdMap
from backend.core.risk import RiskAssessment, RiskLevel, RiskParts
from backend.core.snapshot import Snapshot, StageTimings
from backend.core.trust import Trust
from backend.vision.density.opening import RuntimeChoice
from backend.vision.density.store import SHIPPED, DensityChoice, DensityStore
from backend.vision.overlay import OverlayRenderer, palette
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.text import BOLD, draw_text, fit_text, text_width
from backend.vision.overlay.wording import count_words
from training.datasets.base import DatasetError
from training.interval import compute_interval

NAME = "draw-maps"
SUMMARY = "draw the density maps of pictures and videos, to be looked at"
EXAMPLE = "python -m training draw-maps --video stand.mp4 --at 1.0 --out maps"

LONG_SIDE_PX = 1280
"""Larger pictures are reduced to it before they are drawn."""

OVERLAYS = frozenset({Overlay.HEAT, Overlay.BOXES})


@dataclass(frozen=True, slots=True)
class _Still:
    """A picture and what to call it."""

    name: str
    picture: Image
    at_s: float = 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--video", type=Path, nargs="+", default=[], metavar="FILE", help="videos")
    parser.add_argument(
        "--at",
        type=float,
        nargs="+",
        default=[1.0],
        metavar="SECONDS",
        help="at which times of every video (default: 1.0)",
    )
    parser.add_argument(
        "--picture", type=Path, nargs="+", default=[], metavar="FILE", help="single pictures"
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=SHIPPED,
        metavar="FILE",
        help="exported network with its card beside it (default: the one that is shipped)",
    )
    parser.add_argument(
        "--long-px", type=int, metavar="PX", help="long side of the input (default: the card's)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where the pictures go, as PNG"
    )


def run(args: argparse.Namespace) -> int:
    """Draw every picture; says what was counted in each."""
    if not args.video and not args.picture:
        raise DatasetError("name at least one --video or --picture")
    args.out.mkdir(parents=True, exist_ok=True)
    choice = DensityChoice(long_px=args.long_px, runtime=RuntimeChoice(device="cpu"))
    store = DensityStore(args.out, choice, shipped=args.model)
    try:
        counter = store.open_counter()
        for still in _stills(args):
            path = args.out / f"{still.name}.png"
            found = counter.count(_frame(still))
            if not cv2.imwrite(str(path), draw_map(still.picture, found, name=still.name)):
                raise DatasetError(f"{path}: cannot be written")
            print(f"{path}: {describe(found)}")
        counter.close()
    finally:
        store.close()
    return 0


def draw_map(picture: Image, found: CrowdMap, *, name: str) -> Image:
    """Return the picture and beside it the same with its map drawn over it.

    Args:
        picture: (H, W, 3) uint8 BGR.
        found: Its density map.
        name: Headline of the caption.

    Returns:
        (h, 2 w, 3) uint8 BGR, of at most `LONG_SIDE_PX` each.
    """
    scale = min(1.0, LONG_SIDE_PX / max(found.picture_wh))
    out_wh = (round(found.picture_wh[0] * scale), round(found.picture_wh[1] * scale))
    snapshot = _snapshot(found, name)
    renderer = OverlayRenderer()
    plain, drawn = (
        renderer.render(picture, snapshot, overlays=overlays, out_wh=out_wh)
        for overlays in (frozenset[Overlay](), OVERLAYS)
    )
    words = found.doubt or " ".join(count_words(snapshot.metrics))
    _caption(drawn, name, words)
    return np.hstack([plain, drawn])


def _caption(image: Image, name: str, words: str) -> None:
    """Write two lines into the upper left corner."""
    canvas = Canvas.over(image, (image.shape[1], image.shape[0]))
    size = canvas.text_size(26, 14)
    room = image.shape[1] - 2 * size
    lines = (fit_text(name, room, size), fit_text(words, room, size, BOLD))
    width = max(text_width(lines[0], size), text_width(lines[1], size, BOLD))
    canvas.shade((0, 0, width + 2 * size, round(3.6 * size)), palette.SURFACE, 0.8)
    draw_text(image, lines[0], at=(size, round(1.4 * size)), size=size, colour=palette.TEXT_MUTED)
    at = (size, round(2.9 * size))
    draw_text(image, lines[1], at=at, size=size, colour=palette.TEXT, weight=BOLD)


def describe(found: CrowdMap) -> str:
    """Return count, interval and heads in words."""
    if found.doubt:
        return found.doubt
    low, high = _interval(found)
    bound = "; denser than validated" if found.beyond_validation else ""
    return (
        f"{found.total:.0f} people (90 %: {low:.0f}–{high:.0f}), {len(found.heads_px)} heads stand "
        f"out, {found.densest_per_cell:.2f} per cell where densest{bound}"
    )


def _interval(found: CrowdMap) -> tuple[float, float]:
    low, high = compute_interval(found.error, np.array([found.total]))
    return float(low[0]), float(high[0])


def _snapshot(found: CrowdMap, name: str) -> Snapshot:
    """The map as a camera would publish it, counting everywhere."""
    low, high = _interval(found)
    trust = Trust.SATURATED if found.beyond_validation else Trust.ESTIMATED
    crowd = CrowdMetrics(
        count=found.total,
        count_low=low,
        count_high=None if found.beyond_validation else high,
        count_method=CountMethod.MAP,
        map_share=1.0,
        trust=Trust.UNKNOWN if found.doubt else trust,
        trust_reason=found.doubt,
    )
    shares = np.full(found.people.shape, 0.0 if found.doubt else 1.0, np.float32)
    return Snapshot(
        camera_id=0,
        camera_name=name,
        sequence=0,
        run_id=0,
        frame_index=0,
        segment=found.segment,
        stream_time_s=found.stream_time_s,
        captured_at=datetime.fromtimestamp(found.stream_time_s, UTC),
        captured_mono_s=0.0,
        published_mono_s=0.0,
        picture_wh=found.picture_wh,
        picture=CrowdPicture(crowd_map=found, map_shares=shares),
        metrics=crowd,
        risk=RiskAssessment(level=RiskLevel.SAFE, score=None, parts=RiskParts()),
        model=ModelInfo("density map", "", "", (0, 0)),
        timings=StageTimings(),
        is_recorded=True,
    )


def _stills(args: argparse.Namespace) -> Iterator[_Still]:
    for path in args.video:
        yield from _video_stills(path, sorted(args.at))
    for path in args.picture:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise DatasetError(f"{path.name}: cannot be decoded as a picture")
        yield _Still(path.stem, np.asarray(picture, np.uint8))


def _video_stills(path: Path, times_s: Sequence[float]) -> Iterator[_Still]:
    """The first picture at or after each time."""
    try:
        with av.open(str(path)) as video:
            stream = video.streams.video[0]
            begin_s = float((stream.start_time or 0) * (stream.time_base or 0))
            for at_s in times_s:
                video.seek(int((begin_s + at_s) * av.time_base))
                for frame in video.decode(video=0):
                    if frame.time is not None and frame.time - begin_s >= at_s:
                        picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                        yield _Still(f"{path.stem}-{at_s:g}s", picture, at_s)
                        break
                else:
                    raise DatasetError(f"{path.name}: ends before {at_s:g} s")
    except (av.FFmpegError, IndexError) as error:
        raise DatasetError(f"{path.name}: cannot be read as a video ({error})") from error


def _frame(still: _Still) -> Frame:
    captured_at = datetime.fromtimestamp(still.at_s, UTC)
    return Frame(0, still.picture, still.at_s, 0, captured_at, 0.0)
