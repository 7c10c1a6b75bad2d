"""What an administrator does with models at the shell: fetch, export, quantise, compare."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.core.clock import Clock
from backend.core.errors import ModelError
from backend.vision.detector_speed import DetectorSpeed
from backend.vision.frame_sampling import KeptPictures
from backend.vision.model_compare import Agreement
from backend.vision.model_store.card import AccuracyLimits, QuantisationCard
from backend.vision.model_store.download import may_be_released
from backend.vision.model_store.entries import ModelEntry, ModelFolder
from backend.vision.model_store.export import (
    FOLDER_SUFFIX,
    SUFFIXES,
    ExportParams,
    export_weights,
    exported_path,
)
from backend.vision.model_store.fallback import FALLBACK_FOLDER, FALLBACK_NAME
from backend.vision.model_store.installation import Installation, Progress, WantedModel
from backend.vision.model_store.opening import ModelOpener, OpenedModel, plain_name
from backend.vision.model_store.pickles import PICKLE_SUFFIX
from backend.vision.model_store.programs import Programs
from backend.vision.model_store.quantise import Footage, Quantiser, QuantiseRequest, plan_for
from backend.vision.network_detector import DetectorPlan

FALLBACK_WORDS = frozenset({"fallback", FALLBACK_NAME, FALLBACK_FOLDER})
INT8_SUFFIX = "_int8"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same pictures.

    Attributes:
        names: Of the reference and the candidate.
        precisions: What each computes in.
        agreement: Of the candidate with the reference.
        speeds: Of both, in the same run.
    """

    names: tuple[str, str]
    precisions: tuple[str, str]
    agreement: Agreement
    speeds: tuple[DetectorSpeed, DetectorSpeed]


class ModelWorkshop:
    """Makes and judges models in ``models/``; for a person at the shell, not for the server.

    Args:
        wanted: What the settings ask for.
        folder: Looks through ``models/``.
        installation: Downloads and exports.
        opener: Opens models as cameras would get them.
        programs: Runs exports and NNCF.
        plan: Thresholds of the installation's detectors.
        clock: Dates cards, measures speed.
    """

    def __init__(
        self,
        wanted: WantedModel,
        *,
        folder: ModelFolder,
        installation: Installation,
        opener: ModelOpener,
        programs: Programs,
        plan: DetectorPlan,
        clock: Clock,
    ) -> None:
        self._wanted = wanted
        self._folder = folder
        self._installation = installation
        self._opener = opener
        self._programs = programs
        self._plan = plan
        self._quantiser = Quantiser(opener, programs, plan, clock)

    def fetch(self, name: str, progress: Progress) -> ModelEntry:
        """Fetch released weights, or the fallback, into ``models/``; asks the host again.

        Raises:
            ModelError: Offline, unreachable within the limit, not offered, or a wrong file.
        """
        if name in FALLBACK_WORDS:
            return self._folder.entry(self._installation.fetch_fallback(progress))
        if not may_be_released(name):
            raise ModelError(
                f"{name} is not a name ultralytics releases, such as yolo11s.pt; copy your own "
                "weights into models/"
            )
        if self._wanted.offline:
            raise ModelError(f"{name} is not downloaded: CrowdSafe is set to work offline")
        return self._folder.entry(self._installation.download(name, progress))

    def export(self, name: str, params: ExportParams | None, progress: Progress) -> ModelEntry:
        """Export a ``.pt`` file of ``models/`` and return what came out.

        Args:
            name: Its name.
            params: What to export to; None for what the installation itself would run.
            progress: Told what happens.

        Raises:
            ModelError: It is no ``.pt`` file in ``models/``, or cannot be exported.
        """
        weights = self.find(name)
        if weights.suffix != PICKLE_SUFFIX:
            raise ModelError(f"{weights.name} runs as it is; .pt files are exported")
        if params is None:
            self._installation.export(weights, progress)
            return self._folder.entry(weights)
        progress(f"Exporting {weights.name} to {params.kind} (about a minute) …")
        made = export_weights(
            weights, models_dir=self._wanted.models_dir, params=params, programs=self._programs
        )
        return self._folder.entry(made)

    def quantise(
        self,
        name: str,
        footage: list[Footage],
        progress: Progress,
        *,
        pictures: int,
        size: int | None,
        limits: AccuracyLimits,
        force: bool,
    ) -> QuantisationCard:
        """Quantise a model to 8 bits; see `Quantiser.run`.

        Raises:
            ModelError: No such model, not one NNCF can read, or too few pictures.
            CrowdSafeError: A video or camera cannot be read.
        """
        path = self.find(name)
        source = self._readable(path, progress)
        if not (source.is_dir() or source.suffix == SUFFIXES["onnx"]):
            raise ModelError(
                f"{path.name} cannot be quantised: an OpenVINO folder, an .onnx or a .pt is needed"
            )
        if not source.resolve().is_relative_to(self._wanted.models_dir.resolve()):
            raise ModelError(f"{path.name} lies outside models/: copy it there first")
        stem = path.name.removesuffix(FOLDER_SUFFIX) if path.is_dir() else path.stem
        request = QuantiseRequest(
            source=source,
            made_from=path.name,
            target=self._wanted.models_dir / f"{stem}{INT8_SUFFIX}{FOLDER_SUFFIX}",
            footage=footage,
            pictures=pictures,
            size=size or self._wanted.size,
            limits=limits,
            force=force,
        )
        return self._quantiser.run(request, progress)

    def compare(
        self, names: tuple[str, str], footage: list[Footage], progress: Progress, *, pictures: int
    ) -> Comparison:
        """Return how well the second model agrees with the first, and how fast both are.

        Raises:
            ModelError: One cannot be opened, or no picture could be taken.
            CrowdSafeError: A video or camera cannot be read.
        """
        paths = [self.find(name) for name in names]
        with (
            _kept_pictures() as kept,
            self._opened(paths[0], progress) as first,
            self._opened(paths[1], progress) as second,
        ):
            each = -(-pictures // max(1, len(footage)))
            for item in footage:
                progress(f"Taking pictures of {item.shown_as} …")
                for sample in item.take(each):
                    kept.add(sample.image)
            if not len(kept):
                raise ModelError("no picture could be taken; give another video or camera")
            progress(f"Comparing on {len(kept)} pictures …")
            agreement, speeds = self._quantiser.compare(
                (first, plan_for(first, self._plan)), (second, plan_for(second, self._plan)), kept
            )
            infos = (first.network.info, second.network.info)
            return Comparison(
                names=(paths[0].name, paths[1].name),
                precisions=(infos[0].precision, infos[1].precision),
                agreement=agreement,
                speeds=(speeds[0], speeds[1]),
            )

    def find(self, name: str) -> Path:
        """Return where the model called ``name`` lies: its full name, or one that tells it.

        Example:
            ``yolo11n_int8`` finds the folder ``yolo11n_int8_openvino_model``, ``fallback`` the
            reduced-accuracy network.

        Raises:
            ModelError: There is none, or more than one of that short name; says which there are.
        """
        if name in FALLBACK_WORDS:
            name = FALLBACK_FOLDER
        known = [entry.name for entry in self._folder.entries()]
        short = [item for item in known if item in {f"{name}{end}" for end in _ENDINGS}]
        if name in known or len(short) == 1:
            return self._folder.find(name if name in known else short[0])
        own = next(self._wanted.files(), None)
        if own is not None and own.name == name and own.exists():
            return own
        told = "several are" if short else "none is"
        offer = f"models/ holds {', '.join(known)}" if known else "models/ is empty"
        raise ModelError(f"{told} called {name!r}; {offer}")

    def _readable(self, path: Path, progress: Progress) -> Path:
        """Return what OpenVINO reads of a model: the export of a ``.pt``, made if need be."""
        if path.suffix != PICKLE_SUFFIX:
            return path
        params = ExportParams(self._wanted.size)
        target = exported_path(path, models_dir=self._wanted.models_dir, params=params)
        if target.exists():
            return target
        progress(f"Exporting {path.name} to OpenVINO (about a minute) …")
        return export_weights(
            path, models_dir=self._wanted.models_dir, params=params, programs=self._programs
        )

    @contextmanager
    def _opened(self, path: Path, progress: Progress) -> Iterator[OpenedModel]:
        if path.suffix == PICKLE_SUFFIX:
            path = self._installation.export(path, progress)
        model = self._opener.open(path, name=plain_name(path.name))
        try:
            yield model
        finally:
            model.network.close()


_ENDINGS = (FOLDER_SUFFIX, PICKLE_SUFFIX, ".onnx", ".torchscript", ".engine")


@contextmanager
def _kept_pictures() -> Iterator[KeptPictures]:
    """Keep pictures outside the project until the comparison is over, then delete them."""
    with tempfile.TemporaryDirectory(prefix="crowdsafe-pictures-") as folder:
        yield KeptPictures(Path(folder))
