"""From a trained network to the ONNX graph that is shipped.

The graph takes RGB in [0, 1] and normalises it itself, so that the runtimes feed it as they feed
every other network. Its weights are kept in half precision and computed with in single: half the
size, and every runtime reads it.
"""

from __future__ import annotations

import copy
import io
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from backend.vision.density.opening import OUTPUT
from training.normalise import DEVIATION_RGB, MEAN_RGB

INPUT = "images"
OPSET = 17
IR_VERSION = 9

_TRACED_HW = (128, 192)
_LEAST_HALVED = 256
"""Arrays of fewer values stay in single precision, as do biases: they weigh next to nothing, and
an error in them is one of every cell."""


class NormalisingNetwork(nn.Module):
    """A network that takes RGB in [0, 1] and normalises it itself.

    Args:
        network: Takes what `training.normalise.to_tensor` gives.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(MEAN_RGB).reshape(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION_RGB).reshape(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Count people; (1, 3, H, W) float32 RGB in [0, 1], H and W multiples of 16."""
        return self.network((images - self.mean) / self.deviation)


def trace_graph(network: nn.Module) -> onnx.ModelProto:
    """Return the ONNX graph of a network in single precision, with the normalisation in it."""
    traced = NormalisingNetwork(fuse_normalisation(network)).eval()
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        # The exporter that needs no further package is announced to be the older one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            traced,
            (torch.rand(1, 3, *_TRACED_HW),),
            buffer,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={
                INPUT: {2: "height", 3: "width"},
                OUTPUT: {2: "rows", 3: "columns"},
            },
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    model.ir_version = IR_VERSION
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1
    return model


def fuse_normalisation(network: nn.Module) -> nn.Module:
    """Return a copy whose batch normalisations have gone into the convolutions before them."""
    copied = copy.deepcopy(network)
    for module in copied.modules():
        if not isinstance(module, nn.Sequential):
            continue
        for number in range(len(module) - 1):
            layer, following = module[number], module[number + 1]
            if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                module[number] = fuse_conv_bn_eval(layer, following)
                module[number + 1] = nn.Identity()
    return copied


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with its weights kept in half precision, each cast back before its use.

    The runtimes fold the casts when they load the graph: what is computed with is single
    precision, whatever the device.

    Raises:
        OverflowError: A weight is too large for half precision; names it.
    """
    halved = onnx.ModelProto()
    halved.CopyFrom(model)
    graph = halved.graph
    casts = []
    for array in graph.initializer:
        values = numpy_helper.to_array(array)
        is_small = values.ndim < 2 or values.size < _LEAST_HALVED
        if values.dtype != np.float32 or is_small:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise OverflowError(f"weight {array.name} is too large for half precision")
        kept = f"{array.name}.half"
        casts.append(helper.make_node("Cast", [kept], [array.name], to=TensorProto.FLOAT))
        array.CopyFrom(numpy_helper.from_array(values.astype(np.float16), kept))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return halved
