"""What comes with the tracks of one frame: when, how large, and how far to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from backend.core.measurements import SaturationEvidence

_Cell = TypeVar("_Cell", np.float32, np.bool_)


@dataclass(frozen=True, slots=True)
class PictureFlow:
    """Motion of the picture where no single person can be followed (dense optical flow).

    Attributes:
        stream_time_s: Presentation time of the later of the two frames compared.
        points_px: (M, 2) float32, centres of the grid cells whose motion could be told, pixels
            of the full frame; (0, 2) where nothing could.
        velocity_px_per_s: (M, 2) float32, motion of each cell with the camera's own motion
            (wind in the mast) already subtracted.
        noise_px_per_s: Standard deviation of the velocity of cells known to stand still.
    """

    stream_time_s: float
    points_px: npt.NDArray[np.float32]
    velocity_px_per_s: npt.NDArray[np.float32]
    noise_px_per_s: float


@dataclass(frozen=True, slots=True)
class CountError:
    """How far the sums of a density map err, as measured where the truth was known.

    The standard error of a sum of n people is ``hypot(own * sqrt(n), common * n, least)``: what
    single people add, what a whole picture has in common, and what remains with nobody there.

    Attributes:
        own: Share that averages out over people, square roots of people.
        common: Relative error shared by everybody in a picture.
        least: People.
    """

    own: float
    common: float
    least: float


@dataclass(frozen=True, slots=True)
class CrowdMap:
    """People per cell of the picture, counted by a density network; no single person is known.

    Attributes:
        stream_time_s: Presentation time of the frame it was counted in.
        segment: Segment of that frame.
        people: (R, C) float32, people per cell, not negative, finite; read-only. Cell (0, 0)
            begins at the upper left corner; the last row and column may reach beyond the picture.
        cell_wh_px: Width and height of a cell, pixels of the full frame.
        picture_wh: Width and height of the full frame, pixels.
        heads_px: (K, 2) float32, heads that stand out one by one, pixels of the full frame, the
            most certain first; read-only. K is less than the count where heads run together.
        error: How far sums of ``people`` err.
        crowded_per_cell: Mean people per cell over a block of `CROWDED_BLOCK` x `CROWDED_BLOCK`
            cells up to which the counter was validated; above it counts at least.
        doubt: Why the whole map says little (too dark, no contrast), a sentence for a person;
            empty when it may be believed.
    """

    stream_time_s: float
    segment: int
    people: npt.NDArray[np.float32]
    cell_wh_px: tuple[float, float]
    picture_wh: tuple[int, int]
    heads_px: npt.NDArray[np.float32]
    error: CountError
    crowded_per_cell: float
    doubt: str = ""

    @property
    def total(self) -> float:
        """People in the whole picture."""
        return float(self.people.sum())

    @property
    def beyond_validation(self) -> bool:
        """Whether some part is denser than anything the counter was validated on."""
        return self.densest_per_cell > self.crowded_per_cell

    @property
    def densest_per_cell(self) -> float:
        """Mean people per cell in the densest block of the picture."""
        return float(_blocks(self.people).mean(axis=(1, 3)).max(initial=0.0))

    def densest_among(self, cells: npt.NDArray[np.bool_]) -> float:
        """Mean people per cell in the densest block with any of these cells, (R, C) bool.

        The whole block counts, as where the limit was validated; 0 without cells.
        """
        means = _blocks(self.people).mean(axis=(1, 3))
        return float(means[_blocks(cells).any(axis=(1, 3))].max(initial=0.0))


def _blocks(cells: npt.NDArray[_Cell]) -> npt.NDArray[_Cell]:
    """Cells by block, (rows of blocks, `CROWDED_BLOCK`, columns of blocks, `CROWDED_BLOCK`)."""
    size = CROWDED_BLOCK
    rows, columns = cells.shape
    padded = np.pad(cells, ((0, -rows % size), (0, -columns % size)))
    return padded.reshape(padded.shape[0] // size, size, padded.shape[1] // size, size)


CROWDED_BLOCK = 4
"""Cells along one side of the block whose density is compared with what was validated."""


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """Everything the analyser is told of one frame besides its tracks.

    Attributes:
        stream_time_s: Presentation time within the segment, seconds.
        segment: Grows with every reconnect; kinematics never span two.
        picture_wh: Width and height of the full frame, pixels.
        saturation: Newest examination of the counter; None or the same object again where this
            frame was not examined.
        reduced_accuracy: The fallback detector is at work.
        lag_s: Seconds from capture to now for live cameras, None for recordings.
        calibration_fault: Why the stored calibration does not fit this picture (the camera was
            moved); empty when it does. Calibrated numbers are then unknown.
        picture_flow: Dense optical flow up to this frame, None where it was not computed.
        crowd_map: Newest density map; None or the same object again where this frame was not
            counted by the density network.
        outage_s: The first frame of a segment after another: seconds between the last frame of
            that and this one, as they were captured. None for every other frame, and where it
            is not known (a recording, whose numbers must not hang on the pace of its analysis).
    """

    stream_time_s: float
    segment: int
    picture_wh: tuple[int, int]
    saturation: SaturationEvidence | None = None
    reduced_accuracy: bool = False
    lag_s: float | None = None
    calibration_fault: str = ""
    picture_flow: PictureFlow | None = None
    crowd_map: CrowdMap | None = None
    outage_s: float | None = None
