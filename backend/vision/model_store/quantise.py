"""Quantising a model to 8 bits, and judging it before anybody can use it."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from backend.core.clock import Clock
from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.vision.adapters.model_facts import METADATA_NAME
from backend.vision.adapters.openvino_network import find_graph
from backend.vision.canvases import CanvasMaker
from backend.vision.detector import Detector
from backend.vision.detector_speed import DetectorSpeed, measure_speed
from backend.vision.frame_sampling import KeptPictures, Sample
from backend.vision.heads import SsdHead
from backend.vision.model_compare import Agreement, AgreementTally
from backend.vision.model_store.card import AccuracyLimits, QuantisationCard
from backend.vision.model_store.opening import ModelOpener, OpenedModel
from backend.vision.model_store.programs import Programs
from backend.vision.network_detector import DetectorPlan, NetworkDetector

QUANTISE_TIMEOUT_S = 4 * 3600.0
FEWEST_PICTURES = 3
HELD_OUT = 0.25
"""Share of the pictures that is not calibrated with."""
SPEED_PICTURES = 8
Progress = Callable[[str], None]


class Footage(Protocol):
    """A video or camera pictures are taken from."""

    @property
    def shown_as(self) -> str:
        """What it is called, without credentials."""

    def take(self, count: int) -> Iterator[Sample]:
        """Yield up to ``count`` pictures, evenly spread.

        Raises:
            CrowdSafeError: It cannot be opened or broke off.
        """


@dataclass(frozen=True, slots=True)
class QuantiseRequest:
    """What to quantise and by which measure.

    Attributes:
        source: OpenVINO folder or .onnx file of the full-precision model.
        made_from: Its name for people.
        target: Folder to make; replaced only by a model that is kept.
        footage: Where pictures come from; at least one.
        pictures: How many to calibrate with; a third as many are held out to judge by.
        size: Long side of the input where the model leaves it free, pixels.
        limits: What it may cost.
        force: Keep it whatever it costs; the card then says so.
    """

    source: Path
    made_from: str
    target: Path
    footage: Sequence[Footage]
    pictures: int = 300
    size: int = 960
    limits: AccuracyLimits = AccuracyLimits()  # noqa: RUF009 - frozen
    force: bool = False


class Quantiser:
    """Samples pictures, has them quantised with, and compares before it keeps anything.

    Args:
        opener: Opens both models as cameras would get them.
        programs: Runs NNCF in a program of its own.
        plan: Thresholds of the installation's detectors.
        clock: Dates the card, measures speed.
    """

    def __init__(
        self, opener: ModelOpener, programs: Programs, plan: DetectorPlan, clock: Clock
    ) -> None:
        self._opener = opener
        self._programs = programs
        self._plan = plan
        self._clock = clock

    def run(self, request: QuantiseRequest, progress: Progress) -> QuantisationCard:
        """Quantise; returns the card of a model that was kept or refused.

        A refused one leaves nothing behind (``card.refusal`` says why, unless forced).

        Raises:
            ModelError: It is no model that can be quantised, there are too few pictures, or
                NNCF failed.
            CrowdSafeError: A video or camera cannot be read.
        """
        full = self._opener.open(request.source, name=request.made_from)
        try:
            if full.network.info.precision == "int8":
                raise ModelError(f"{request.made_from} is quantised already")
            folder = request.target.parent
            with tempfile.TemporaryDirectory(dir=folder, prefix=".quantise-") as scratch_name:
                return self._run(request, full, Path(scratch_name), progress)
        finally:
            full.network.close()

    def _run(
        self, request: QuantiseRequest, full: OpenedModel, scratch: Path, progress: Progress
    ) -> QuantisationCard:
        plan = plan_for(full, replace(self._plan, size=request.size))
        canvases, pictures = scratch / "canvases", scratch / "held_out"
        canvases.mkdir()
        pictures.mkdir()
        held_out = KeptPictures(pictures)
        painted = self._sample(request, CanvasMaker(full.network, full.head, plan), canvases,
                               held_out, progress)  # fmt: skip
        progress(f"Quantising with {painted} pictures (minutes) …")
        built = scratch / request.target.name
        versions = self._quantise(request, full, canvases, built)
        quantised = self._opener.open(built, name=request.made_from)
        try:
            progress(f"Comparing on {len(held_out)} held-out pictures …")
            agreement, speeds = self.compare(
                (full, plan), (quantised, plan_for(quantised, plan)), held_out
            )
        finally:
            quantised.network.close()
        card = QuantisationCard(
            model=request.target.name,
            made_from=request.made_from,
            made_at=self._clock.now(),
            calibration_pictures=painted,
            held_out_pictures=len(held_out),
            sources=tuple(item.shown_as for item in request.footage),
            input_size=max(full.network.info.fixed_hw or (request.size,)),
            versions=versions,
            limits=request.limits,
            agreement=agreement,
            precisions=(full.network.info.precision, "int8"),
            full_speed=speeds[0],
            quantised_speed=speeds[1],
            refusal=request.limits.judge(agreement),
        )
        if not card.refusal or request.force:
            card.save(built)
            if request.target.exists():
                shutil.rmtree(request.target)
            built.rename(request.target)
        return card

    def compare(
        self,
        full: tuple[OpenedModel, DetectorPlan],
        other: tuple[OpenedModel, DetectorPlan],
        pictures: KeptPictures,
    ) -> tuple[Agreement, tuple[DetectorSpeed, ...]]:
        """Return how well ``other`` agrees with ``full``, and the speed of both."""
        detectors = [
            NetworkDetector(model.network, model.head, plan) for model, plan in (full, other)
        ]
        try:
            agreement = compare_detectors(detectors[0], detectors[1], pictures)
            some = [pictures[number] for number in range(min(SPEED_PICTURES, len(pictures)))]
            return agreement, measure_speed(detectors, some, clock=self._clock)
        finally:
            for detector in detectors:
                detector.close()

    def _sample(
        self,
        request: QuantiseRequest,
        maker: CanvasMaker,
        canvases: Path,
        held_out: KeptPictures,
        progress: Progress,
    ) -> int:
        """Paint pictures to calibrate with, keep others apart; returns how many were painted.

        The last quarter of each source's pictures is held out: taken at another time than any
        of the others, not in between them, where neighbours look alike.
        """
        each = max(FEWEST_PICTURES, -(-request.pictures // len(request.footage)))
        each = math.ceil(each / (1.0 - HELD_OUT))
        painted = 0
        for item in request.footage:
            progress(f"Taking pictures of {item.shown_as} …")
            for sample in item.take(each):
                if sample.share >= 1.0 - HELD_OUT:
                    held_out.add(sample.image)
                    continue
                tiles = maker.paint(sample.image)
                # One tile of each picture in turn: as many looks at the place as pictures.
                np.save(canvases / f"{painted:06d}.npy", tiles[painted % len(tiles)][None])
                painted += 1
        if painted < FEWEST_PICTURES or not len(held_out):
            raise ModelError(
                f"only {painted + len(held_out)} pictures could be taken; give longer videos, "
                "more of them, or fewer --frames"
            )
        return painted

    def _quantise(
        self, request: QuantiseRequest, full: OpenedModel, canvases: Path, built: Path
    ) -> dict[str, str]:
        """Let NNCF write the quantised model into ``built``; returns what it was done with."""
        built.mkdir()
        is_onnx = request.source.suffix == ".onnx"
        graph = request.source if is_onnx else find_graph(request.source)
        family = "ssd" if isinstance(full.head, SsdHead) else "yolo"
        try:
            told = self._programs.run_nncf(
                "quantise", str(graph), str(canvases), str(built / f"{graph.stem}.xml"), family,
                timeout_s=QUANTISE_TIMEOUT_S, cwd=built,
            )  # fmt: skip
        except ModelError as error:
            raise ModelError(f"{request.made_from} cannot be quantised: {error}") from error
        _write_facts(request, full, built)
        stored = json.loads(told)
        return {str(name): str(version) for name, version in stored.items()}


def compare_detectors(
    reference: Detector, candidate: Detector, pictures: Iterable[Image]
) -> Agreement:
    """Return how well two detectors agree, the first taken as the truth."""
    tally = AgreementTally()
    for picture in pictures:
        first, second = reference.submit(picture), candidate.submit(picture)
        tally.add(first.result(), second.result())
    return tally.result()


def plan_for(model: OpenedModel, plan: DetectorPlan) -> DetectorPlan:
    """Return ``plan`` with the tiles the model is made for."""
    return replace(plan, tiling=model.tiling, reduced_accuracy=model.reduced_accuracy)


def _write_facts(request: QuantiseRequest, full: OpenedModel, built: Path) -> None:
    """Give the quantised model the class names, stride and task of the original."""
    import yaml  # noqa: PLC0415 - only needed while a model is made

    if request.source.is_dir():
        for name in ("LICENSE", METADATA_NAME):
            if (request.source / name).is_file():
                shutil.copyfile(request.source / name, built / name)
    if not (built / METADATA_NAME).exists():
        info = full.network.info
        facts = {
            "task": info.task or "detect",
            "stride": info.stride,
            "names": info.labels or {0: "person"},
        }
        text = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)
        (built / METADATA_NAME).write_text(text, encoding="utf-8")
