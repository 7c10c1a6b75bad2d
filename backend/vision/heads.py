"""From a network's raw outputs to candidate boxes of persons on its canvas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from backend.core.errors import ModelError
from backend.vision.network import NetworkInfo, Output

PERSON_NAMES = frozenset({"person", "people", "pedestrian", "human"})
COCO_CLASSES = 80
BOX_VALUES = 4
END_TO_END_VALUES = 6


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Which of a network's classes are people; the setting YOLO_CLASSES.

    Attributes:
        names: Class names in lower case; a number stands for the class of that number, for
            networks whose file names none.
    """

    names: frozenset[str] = PERSON_NAMES

    @classmethod
    def of_names(cls, names: Iterable[str]) -> ClassMap:
        """Return the map of these names, upper and lower case alike; none = `PERSON_NAMES`."""
        cleaned = frozenset(name.strip().lower() for name in names) - {""}
        return cls(cleaned or PERSON_NAMES)

    def choose(self, info: NetworkInfo, classes: int | None) -> tuple[int, ...]:
        """Return the numbers of the classes that are people, ascending; never none.

        By name or number; where the file names no classes (names that only repeat their numbers
        say nothing) or a single one and nothing else was asked for, the only class or COCO's
        first.

        Args:
            info: What the file says about itself.
            classes: Number of classes in the output; None where the output does not tell.

        Raises:
            ModelError: No class of the network counts as a person.
        """
        count = classes or len(info.labels)
        named = {number: name for number, name in info.labels.items() if name != str(number)}
        found = {number for number, name in named.items() if name.strip().lower() in self.names}
        found |= {int(name) for name in self.names if name.isdecimal() and int(name) < count}
        if found:
            return tuple(sorted(found))
        if not named and count in (1, COCO_CLASSES) and self.names & PERSON_NAMES:
            return (0,)
        if len(named) == 1 and self.names == PERSON_NAMES:
            return (min(named),)
        if named:
            known = ", ".join(list(named.values())[:8])
            raise ModelError(
                f"{info.path} detects no persons: none of its classes ({known} …) is among those "
                f"that count as people ({', '.join(sorted(self.names))}); name them in YOLO_CLASSES"
            )
        raise ModelError(
            f"{info.path} does not say which of its classes is a person; export it with its "
            "metadata (ultralytics does), or give the number of the class in YOLO_CLASSES"
        )


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes a network proposes, before suppression.

    Attributes:
        boxes_xyxy: (N, 4) float32, canvas pixels.
        scores: (N,) float32 in [0, 1].
    """

    boxes_xyxy: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]


class Head(Protocol):
    """Knows how one family of networks writes its answer."""

    @property
    def keeps_aspect(self) -> bool:
        """Whether the input is letterboxed (True) or stretched to the canvas (False)."""

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """Return person candidates of at least ``threshold`` confidence."""


@dataclass(frozen=True, slots=True)
class YoloHead:
    """Output 1 × (4 + classes) × N: centre x, centre y, width, height, one score per class.

    The person's score counts whatever other class scores higher at the same place: a cyclist
    may look more like a bicycle and is still somebody in the crowd.

    Attributes:
        person_classes: Numbers of the classes that are people; the highest score of them counts.
    """

    person_classes: tuple[int, ...] = (0,)
    keeps_aspect: bool = True

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """See `Head`; ``canvas_hw`` is not needed, the boxes are in pixels already."""
        del canvas_hw
        rows = outputs[0][0]
        scores = rows[BOX_VALUES + self.person_classes[0]]
        for number in self.person_classes[1:]:
            scores = np.maximum(scores, rows[BOX_VALUES + number])
        chosen = np.flatnonzero(scores >= threshold)
        centre, half = rows[0:2, chosen], rows[2:4, chosen] / 2.0
        boxes = np.concatenate([centre - half, centre + half]).T
        return Candidates(np.ascontiguousarray(boxes, np.float32), scores[chosen].copy())


@dataclass(frozen=True, slots=True)
class EndToEndHead:
    """Output 1 × N × 6: x0, y0, x1, y1, score, class; the network suppressed duplicates itself.

    Attributes:
        person_classes: Numbers of the classes that are people.
    """

    person_classes: tuple[int, ...] = (0,)
    keeps_aspect: bool = True

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """See `Head`."""
        del canvas_hw
        rows = outputs[0][0]
        is_person = np.isin(np.rint(rows[:, 5]), self.person_classes)
        chosen = rows[(rows[:, 4] >= threshold) & is_person]
        return Candidates(chosen[:, :4].copy(), chosen[:, 4].copy())


@dataclass(frozen=True, slots=True)
class SsdHead:
    """TensorFlow detection outputs: boxes (1, N, 4) as y0, x0, y1, x1 in [0, 1]; scores (1, N).

    Attributes:
        boxes_at, scores_at: Positions of the two among the network's outputs.
    """

    boxes_at: int
    scores_at: int
    keeps_aspect: bool = False

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """See `Head`."""
        scores = outputs[self.scores_at].reshape(-1)
        chosen = np.flatnonzero(scores >= threshold)
        corners = outputs[self.boxes_at].reshape(-1, BOX_VALUES)[chosen][:, [1, 0, 3, 2]]
        height, width = canvas_hw
        scale = np.array([width, height, width, height], np.float32)
        return Candidates(corners * scale, scores[chosen].copy())


def choose_yolo_head(
    info: NetworkInfo, output_shape: tuple[int | None, ...], classes: ClassMap | None = None
) -> Head:
    """Return the head that reads this network, or say why it is not a person detector.

    Args:
        info: What the file says about itself.
        output_shape: Shape of the first output; None for lengths not known before a run.
        classes: Which classes are people; `PERSON_NAMES` by default.

    Raises:
        ModelError: Not a detector, or a detector that knows no persons.
    """
    people = classes or ClassMap()
    if info.task and info.task != "detect":
        raise ModelError(f"{info.path} is a model for the task “{info.task}”, not a detector")
    if len(info.output_names) != 1 or len(output_shape) != 3:
        raise ModelError(
            f"{info.path} is not a YOLO detector: one output of three dimensions was expected, "
            f"found {len(info.output_names)} with shape {output_shape} first"
        )
    if output_shape[2] == END_TO_END_VALUES and (output_shape[1] or 0) != BOX_VALUES + len(
        info.labels
    ):
        return EndToEndHead(people.choose(info, None))
    channels = output_shape[1]
    if channels is None and info.labels:
        channels = BOX_VALUES + len(info.labels)
    if channels is None or channels <= BOX_VALUES or channels > (output_shape[2] or 10**9):
        raise ModelError(f"{info.path} is not a YOLO detector: its output is {output_shape}")
    count = channels - BOX_VALUES
    if info.labels and len(info.labels) != count:
        raise ModelError(f"{info.path} names {len(info.labels)} classes but its output has {count}")
    return YoloHead(people.choose(info, count))
