"""Exports DeepSORT's appearance network to OpenVINO, run as a program of its own.

A weight file in PyTorch's format is a pickle. It is opened here as weights only, which runs
nothing that is in it, after the parent has compared its hash, in a process that ends afterwards.
Nothing of ``backend`` is imported.

Usage: deepsort_job.py WEIGHTS TARGET.xml

The last line of standard output is the least cosine between what the exported network and the
original say of the same pictures; a failure exits with 1 and says why on the last line of
standard error.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

INPUT_HW = (128, 64)
LEAST_COSINE = 0.999
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks and first stride (Sandler et al. 2018, arXiv:1801.04381, table 2)."""


def build_network() -> Any:
    """Return MobileNetV2 without its classifier, untrained.

    Input (N, 3, H, W) float32, normalised RGB; output (N, 1280) float32 of unit length. The
    names of its weights are those of the package's file.
    """
    from torch import nn  # noqa: PLC0415 - heavy, only for this job

    def convolution(channels: int, made: int, side: int, stride: int, groups: int) -> list[Any]:
        layer = nn.Conv2d(channels, made, side, stride, side // 2, groups=groups, bias=False)
        return [layer, nn.BatchNorm2d(made)]

    class Residual(nn.Module):
        def __init__(self, channels: int, made: int, stride: int, expansion: int) -> None:
            super().__init__()
            wide = channels * expansion
            layers: list[Any] = []
            if expansion != 1:
                layers += [*convolution(channels, wide, 1, 1, 1), nn.ReLU6()]
            layers += [*convolution(wide, wide, 3, stride, wide), nn.ReLU6()]
            layers += convolution(wide, made, 1, 1, 1)
            self.conv = nn.Sequential(*layers)
            self.adds = stride == 1 and channels == made

        def forward(self, picture: Any) -> Any:
            return picture + self.conv(picture) if self.adds else self.conv(picture)

    class Appearance(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = 32
            features: list[Any] = [nn.Sequential(*convolution(3, channels, 3, 2, 1), nn.ReLU6())]
            for expansion, made, blocks, first_stride in STAGES:
                for block in range(blocks):
                    stride = first_stride if block == 0 else 1
                    features.append(Residual(channels, made, stride, expansion))
                    channels = made
            features.append(nn.Sequential(*convolution(channels, 1280, 1, 1, 1), nn.ReLU6()))
            self.features = nn.Sequential(*features)

        def forward(self, picture: Any) -> Any:
            return nn.functional.normalize(self.features(picture).mean((2, 3)))

    return Appearance()


def load_network(weights: Path) -> Any:
    """Return the network with the weights of a file."""
    import torch  # noqa: PLC0415 - heavy, only for this job

    network = build_network()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.eval()


def export(weights: Path, target: Path) -> float:
    """Write ``target`` and its .bin; return how alike both networks are.

    Raises:
        ValueError: The exported network says something else than the original.
    """
    # OpenVINO's converter reports its use over the network unless this cannot be imported.
    blocked: dict[str, Any] = {"openvino_telemetry": None}
    sys.modules.update(blocked)
    import openvino  # noqa: PLC0415 - heavy, only for this job
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    network = load_network(weights)
    pictures = torch.from_numpy(
        np.random.default_rng(1).normal(size=(4, 3, *INPUT_HW)).astype(np.float32)
    )
    with torch.no_grad():
        model = openvino.convert_model(network, example_input=pictures, input=[-1, 3, *INPUT_HW])
        original = network(pictures).numpy()
    openvino.save_model(model, target, compress_to_fp16=False)
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    exported = openvino.compile_model(target, "CPU", exact)(pictures.numpy())[0]
    least = float((original * exported).sum(axis=1).min())
    if not least > LEAST_COSINE:
        raise ValueError(f"the exported network differs from the original (cosine {least:.4f})")
    return least


def main(arguments: list[str]) -> int:
    """Run the job; returns the exit status."""
    if len(arguments) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        sys.stdout.write(f"\n{export(Path(arguments[0]), Path(arguments[1])):.6f}\n")
    except Exception as error:  # noqa: BLE001 - this program's edge: the parent reads the reason
        text = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"\n{text[:300]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
