"""Exporting: what is written counts as the trained network does, and nothing else is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch
from torch import nn

from backend.core.errors import ModelError
from backend.core.observation import CountError
from backend.vision.density.card import DatasetResult, load_card
from backend.vision.density.opening import RuntimeChoice, open_density_network
from training.export import (
    MAX_COUNT_CHANGE,
    ExportError,
    ExportPlan,
    ExportReport,
    export_model,
    load_trained,
)
from training.export_graph import halve_weights, trace_graph
from training.networks import NETWORK_NAMES, build_network

PLAN = ExportPlan(
    network="light",
    name="crowdsafe-tiny",
    version="0.1",
    error=CountError(own=0.5, common=0.1, least=1.0),
    crowded_per_cell=2.0,
    licence="AGPL-3.0-or-later",
    trained_on="nothing",
    results={
        "shanghaitech-b": DatasetResult(
            mae=1.0, rmse=2.0, bias=-0.5, pictures=3, split="validation"
        )
    },
)


def picture(rows: int = 66, columns: int = 94) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 256, (rows, columns, 3), np.uint8)


def save_weights(path: Path, network: str = "light") -> Path:
    torch.manual_seed(3)
    torch.save(build_network(network).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    folder = tmp_path_factory.mktemp("export")
    weights = save_weights(folder / "best.pt")
    return export_model(weights, folder / "out", PLAN, pictures=[picture()])


def test_every_runtime_counts_as_the_trained_network(report: ExportReport) -> None:
    counts = report.agreement.counts

    assert set(counts) == {"torch", "onnxruntime", "openvino", "openvino-auto"}
    assert all(len(each) == 1 for each in counts.values())
    assert report.agreement.worst_change <= MAX_COUNT_CHANGE
    np.testing.assert_allclose(counts["openvino"], counts["torch"], rtol=MAX_COUNT_CHANGE)


def test_the_light_network_is_small_enough_to_ship(report: ExportReport) -> None:
    assert report.parameters <= 1_500_000
    assert report.size_bytes <= 4_000_000
    assert report.size_bytes < 2.3 * report.parameters  # two bytes a value and the graph


def test_the_graph_is_as_agreed(report: ExportReport) -> None:
    graph = onnx.load(report.weights).graph

    def sides(value: onnx.ValueInfoProto) -> list[int | str]:
        return [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]

    assert [each.name for each in graph.input] == ["images"]
    assert sides(graph.input[0]) == [1, 3, "height", "width"]
    assert [each.name for each in graph.output] == ["density"]
    assert sides(graph.output[0])[:2] == [1, 1]
    for value in (graph.input[0], graph.output[0]):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert not any(node.op_type == "BatchNormalization" for node in graph.node)


def test_the_card_is_read_and_says_what_was_planned(report: ExportReport) -> None:
    card = load_card(report.card)

    assert card.name == PLAN.name
    assert card.file == "crowdsafe-tiny.onnx"
    assert card.stride == 8
    assert card.error == PLAN.error
    assert card.results == PLAN.results
    assert card.created_by == "training export"


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_the_server_opens_it(report: ExportReport, runtime: str) -> None:
    network = open_density_network(
        report.weights, load_card(report.card), RuntimeChoice(runtime=runtime)
    ).network
    try:
        assert network.info.runtime == runtime
    finally:
        network.close()


def test_a_changed_export_is_refused(report: ExportReport, tmp_path: Path) -> None:
    copied = tmp_path / report.weights.name
    copied.write_bytes(report.weights.read_bytes()[:-100])
    (tmp_path / report.card.name).write_bytes(report.card.read_bytes())

    with pytest.raises(ModelError, match="changed or swapped"):
        load_card(copied)


def test_a_graph_holds_its_normalisation() -> None:
    class Red(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images[:, :1] * 1.0

    model = trace_graph(Red())

    values = [onnx.numpy_helper.to_array(each).reshape(-1) for each in model.graph.initializer]
    assert any(np.allclose(each, (0.485, 0.456, 0.406)) for each in values if each.size == 3)


def test_weights_are_halved_but_not_what_is_computed() -> None:
    model = trace_graph(nn.Conv2d(3, 16, 3))
    halved = halve_weights(model)

    kinds = {onnx.numpy_helper.to_array(each).dtype for each in halved.graph.initializer}
    assert np.dtype(np.float16) in kinds
    assert halved.graph.node[0].op_type == "Cast"
    assert halved.ByteSize() < model.ByteSize()
    onnx.checker.check_model(halved, full_check=True)


def test_a_weight_too_large_for_half_precision_is_refused() -> None:
    layer = nn.Conv2d(3, 16, 3)
    with torch.no_grad():
        layer.weight[0] = 1e6

    with pytest.raises(OverflowError, match="too large for half precision"):
        halve_weights(trace_graph(layer))


def test_averaged_weights_of_a_run_are_taken(tmp_path: Path) -> None:
    wanted = build_network("mcnn")
    torch.save(
        {"network": build_network("mcnn").state_dict(), "averaged": wanted.state_dict()},
        tmp_path / "latest.pt",
    )

    found = load_trained(tmp_path / "latest.pt", "mcnn")

    for name, values in wanted.state_dict().items():
        assert torch.equal(found.state_dict()[name], values)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    weights = save_weights(tmp_path / "best.pt", "mcnn")

    with pytest.raises(ExportError, match=r"best\.pt does not fit the network 'light'"):
        load_trained(weights, "light")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04"])
def test_what_is_no_weight_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "best.pt"
    path.write_bytes(content)

    with pytest.raises(ExportError, match=r"best\.pt is no weight file"):
        load_trained(path, "mcnn")


def test_a_list_of_weights_is_refused(tmp_path: Path) -> None:
    torch.save([torch.zeros(2)], tmp_path / "best.pt")

    with pytest.raises(ExportError, match="does not fit"):
        load_trained(tmp_path / "best.pt", "mcnn")


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"best\.pt cannot be read"):
        load_trained(tmp_path / "best.pt", "mcnn")


def test_weights_that_are_no_numbers_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    state = build_network("mcnn").state_dict()
    state["to_density.bias"][0] = float("nan")
    torch.save(state, tmp_path / "best.pt")

    with pytest.raises(ExportError, match=r"to_density\.bias holds values that are no numbers"):
        export_model(
            tmp_path / "best.pt",
            tmp_path / "out",
            replace(PLAN, network="mcnn"),
            pictures=[picture()],
        )
    assert not list(tmp_path.glob("out/*"))


def test_an_export_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pictures"):
        export_model(tmp_path / "best.pt", tmp_path, PLAN, pictures=[])


def test_an_unknown_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"one of {', '.join(NETWORK_NAMES)}, got 'resnet'"):
        load_trained(tmp_path / "best.pt", "resnet")
