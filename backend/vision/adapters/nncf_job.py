"""Post-training quantisation to 8 bits with NNCF, run as a program of its own.

It takes gigabytes of memory while it collects statistics, and gives them back by ending. Nothing
of ``backend`` is imported, and nothing is reported to anybody: NNCF and OpenVINO send usage
statistics through a package that cannot be imported here, and do without it.

Usage: nncf_job.py quantise MODEL CANVASES OUT FAMILY

MODEL is an .xml or .onnx file; CANVASES a folder of .npy files, each (N, H, W, 3) uint8 BGR
pictures as they are fed to the network; OUT the .xml to write; FAMILY ``yolo`` or ``ssd``.

The last line of standard output is the result; a failure exits with 1 and says why on the last
line of standard error.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

REPORTER_BLOCKED: dict[str, Any] = {"openvino_telemetry": None}
UNNEEDED: dict[str, Any] = {"torch": None}
"""NNCF can quantise several frameworks' models; not importing torch saves most of its start."""
SSD_HW = (300, 300)
SSD_KEPT = (".*Preprocessor.*", ".*Postprocessor.*", ".*BoxPredictor.*")
"""Where a bit moves a box or a score in TensorFlow's detection graphs: the small convolutions
that predict both, decoding and suppression."""


class JobError(Exception):
    """The job cannot be done; the text is fit for a person to read."""


def quantise(model_file: str, canvases: str, out: str, family: str) -> str:
    """Quantise a detector; returns the versions of what did it, as JSON.

    Raises:
        JobError: No pictures, or a family nobody knows.
    """
    sys.modules.update(REPORTER_BLOCKED)
    sys.modules.update(UNNEEDED)
    import nncf  # noqa: PLC0415 - heavy, only for this job
    import openvino as ov  # noqa: PLC0415

    nncf.set_log_level(logging.ERROR)
    model: Any = ov.Core().read_model(model_file)
    pictures = load_pictures(Path(canvases), family)
    if not pictures:
        raise JobError("no pictures to calibrate with")
    if family == "ssd":
        model.reshape([1, *SSD_HW, 3])
    quantised = nncf.quantize(
        model,
        nncf.Dataset(pictures, to_input(family)),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        ignored_scope=nncf.IgnoredScope(**kept_in_full(model, family), validate=False),
    )
    ov.save_model(quantised, out, compress_to_fp16=False)
    return json.dumps({"nncf": nncf.__version__, "openvino": ov.__version__.split("-")[0]})


def load_pictures(folder: Path, family: str) -> list[Any]:
    """Return all pictures of all files; they stay on disk until they are looked at."""
    if family not in {"yolo", "ssd"}:
        raise JobError(f"unknown family of networks {family}")
    files = sorted(folder.glob("*.npy"))
    return [picture for file in files for picture in np.load(file, mmap_mode="r")]


def to_input(family: str) -> Any:
    """Return the function that makes a network's input of a picture, as inference does."""

    def yolo(picture: Any) -> Any:
        rgb = picture[..., ::-1].transpose(2, 0, 1)[None]
        return np.ascontiguousarray(rgb, np.float32) / np.float32(255.0)

    def ssd(picture: Any) -> Any:
        return np.ascontiguousarray(picture[None, ..., ::-1])

    return yolo if family == "yolo" else ssd


def kept_in_full(model: Any, family: str) -> dict[str, list[str]]:
    """Return what is not quantised: the arithmetic that turns outputs into boxes and scores.

    As ultralytics does when it quantises its own export: the operations that stand directly in
    the head's scope (its convolutions stand in scopes below it), the box distribution and the
    sigmoid of the scores.
    """
    if family == "ssd":
        return {"patterns": list(SSD_KEPT)}
    names = [operation.get_friendly_name() for operation in model.get_ordered_ops()]
    kinds = [operation.get_type_name() for operation in model.get_ordered_ops()]
    sigmoids = [name for name, kind in zip(names, kinds, strict=True) if kind == "Sigmoid"]
    if not sigmoids:
        return {"names": []}
    return {"names": list(head_names(names, last_sigmoid=sigmoids[-1]))}


def head_names(names: list[str], *, last_sigmoid: str) -> Iterator[str]:
    """Yield the names of the head's own operations.

    A graph traced from PyTorch calls them ``__module.model.23/aten::add/Add``, one that went
    through ONNX ``/model.23/Add``.
    """
    if last_sigmoid.startswith("/"):
        scope = re.escape(last_sigmoid.rpartition("/")[0])
        own = re.compile(rf"{scope}/([^/]+|dfl/.*)$")
    else:
        scope = re.escape(last_sigmoid.partition("/")[0])
        own = re.compile(rf"{scope}(/|\.dfl)")
    yield from (name for name in names if own.match(name))


def main(arguments: list[str]) -> int:
    """Run the job; returns the exit status."""
    if len(arguments) != 5 or arguments[0] != "quantise":
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        sys.stdout.write(f"\n{quantise(*arguments[1:])}\n")
    except Exception as error:  # noqa: BLE001 - this program's edge: the parent reads the reason
        text = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"\n{text[:300]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
