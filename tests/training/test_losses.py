"""Losses: nothing at the truth, towards it elsewhere, and small cases by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from training.datasets.base import HeadArray
from training.ground_truth import count_points
from training.losses import Loss, LossParams, choose_loss, target_maps

NAMES = ("counting", "mse", "mse-adaptive", "pyramid", "bayesian", "dm-count")
OF_GAUSSIANS = ("counting", "mse", "pyramid")
NOBODY = np.zeros((0, 2), np.float32)
PARAMS = LossParams()


def heads(*points: tuple[float, float]) -> HeadArray:
    return np.array(points, np.float32).reshape(-1, 2)


def loss_of(name: str, params: LossParams = PARAMS) -> Loss:
    return choose_loss(name, params)


def one_map(*rows: Sequence[float]) -> Tensor:
    """(1, 1, h, w) map that gradients are taken of."""
    return torch.tensor([[rows]], dtype=torch.float32, requires_grad=True)


def gradient_of(loss: Tensor, of: Tensor) -> Tensor:
    (found,) = torch.autograd.grad(loss, of)
    return found[0, 0]


def gaussians(heads_px: HeadArray, hw: tuple[int, int]) -> Tensor:
    return target_maps([heads_px], hw, sigma_cells=PARAMS.kernel_cells, is_adaptive=False)


CROWD = heads((3.3, 2.2), (9.6, 4.1), (9.9, 12.5), (1.5, 14.2), (15.9, 0.1))


@pytest.mark.parametrize("name", OF_GAUSSIANS)
def test_the_gaussian_map_of_the_truth_costs_nothing(name: str) -> None:
    loss = loss_of(name)
    truth = gaussians(CROWD, (16, 16))
    assert float(loss(truth, [CROWD])) == pytest.approx(0.0, abs=1e-6)
    for wrong in (truth * 0.5, truth * 1.5, truth.flip(3), truth + 0.05):
        assert float(loss(wrong, [CROWD])) > 0.01


def test_the_adaptive_map_of_the_truth_costs_nothing() -> None:
    truth = target_maps([CROWD], (16, 16), sigma_cells=0.75, is_adaptive=True)
    assert float(loss_of("mse-adaptive")(truth, [CROWD])) == pytest.approx(0.0, abs=1e-6)


def test_counting_costs_nothing_at_the_truth_on_maps_of_any_size() -> None:
    truth = gaussians(CROWD, (17, 21))
    assert float(loss_of("counting")(truth, [CROWD])) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_from_an_even_map_people_move_to_the_head(name: str) -> None:
    maps = torch.full((1, 1, 16, 16), 1 / 256, requires_grad=True)
    gradient = gradient_of(loss_of(name)(maps, [heads((4.5, 6.5))]), maps)
    assert torch.isfinite(gradient).all()
    assert gradient[6, 4] < gradient[14, 14]
    row, column = divmod(int(gradient.argmin()), 16)
    assert (abs(row - 6) <= 2, abs(column - 4) <= 2) == (True, True)


@pytest.mark.parametrize("name", NAMES)
def test_too_many_become_fewer(name: str) -> None:
    truth = torch.from_numpy(count_points(CROWD, (16, 16), 1))[None, None]
    maps = (truth * 3 + 0.1).requires_grad_()
    gradient = gradient_of(loss_of(name)(maps, [CROWD]), maps)
    assert gradient.mean() > 0


@pytest.mark.parametrize("name", NAMES)
def test_pictures_without_people_want_empty_maps(name: str) -> None:
    loss = loss_of(name)
    empty = torch.zeros(1, 1, 16, 16)
    assert float(loss(empty, [NOBODY])) == pytest.approx(0.0, abs=1e-7)
    maps = torch.full((1, 1, 16, 16), 0.01, requires_grad=True)
    found = loss(maps, [NOBODY])
    assert float(found.detach()) > 0
    assert (gradient_of(found, maps) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_map_has_a_finite_loss_and_gradient(name: str) -> None:
    maps = torch.zeros(1, 1, 16, 16, requires_grad=True)
    found = loss_of(name)(maps, [CROWD])
    assert torch.isfinite(found)
    assert torch.isfinite(gradient_of(found, maps)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("on_border", [(0.0, 0.0), (16.0, 8.0), (8.0, 16.0), (-0.3, 15.99)])
def test_heads_on_the_border_count(name: str, on_border: tuple[float, float]) -> None:
    loss = loss_of(name)
    found = [
        float(loss(torch.full((1, 1, 16, 16), total / 256), [heads(on_border)]))
        for total in (0.0, 1.0, 4.0)
    ]
    assert all(math.isfinite(each) for each in found)
    assert found[2] > found[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_costs_the_mean_of_its_pictures(name: str) -> None:
    loss = loss_of(name)
    maps = torch.rand(2, 1, 16, 16) * 0.1
    both = float(loss(maps, [CROWD, NOBODY]))
    alone = [float(loss(maps[n : n + 1], [[CROWD, NOBODY][n]])) for n in range(2)]
    assert both == pytest.approx(sum(alone) / 2, rel=1e-4)


def test_mse_by_hand() -> None:
    # Nobody there, 0.5 in each of four cells: 100 * 0.25, and 0.1 * 2 / (0 + 10).
    assert float(loss_of("mse")(torch.full((1, 1, 2, 2), 0.5), [NOBODY])) == pytest.approx(25.02)


def test_pyramid_by_hand() -> None:
    # Nobody there, one person in a corner of 2 x 2 cells: 1 in the cell, 1 in the whole.
    found = loss_of("pyramid")(one_map([1, 0], [0, 0]), [NOBODY])
    assert float(found.detach()) == pytest.approx((1 + 1) / 10)


def test_counting_by_hand() -> None:
    # One person counted where nobody is: the cell may err by sqrt(1 + 0.15² + 0.1), the block of
    # 2 x 2 by sqrt(1 + 0.15² + 0.2); both errors cost half their square. Four cells weigh twice
    # as much as their mean, and there are two sizes of block.
    found = loss_of("counting")(one_map([1, 0], [0, 0]), [NOBODY])
    expected = (2 * 0.5 / (1.0064 + 0.1) / 4 + 0.5 / (1.0064 + 0.2)) / 2
    assert float(found.detach()) == pytest.approx(expected, rel=1e-5)


def test_counting_learns_the_mean() -> None:
    # A cell that holds somebody in one picture of four: the best constant is 0.25, not nobody.
    loss_in_squares = loss_of("counting", LossParams(huber=100.0))
    value = torch.tensor(0.05, requires_grad=True)
    for _ in range(400):
        shown = value.expand(4, 1, 1, 1)
        loss = loss_in_squares(shown, [heads((0.5, 0.5)), NOBODY, NOBODY, NOBODY])
        (slope,) = torch.autograd.grad(loss, value)
        value = (value - 0.05 * slope).detach().requires_grad_()
    assert float(value.detach()) == pytest.approx(0.25, abs=0.02)


def test_bayesian_by_hand() -> None:
    loss = loss_of("bayesian")
    pair = heads((0.5, 0.5), (1.5, 0.5))
    assert float(loss(torch.tensor([[[[1.0, 1.0]]]]), [pair])) == pytest.approx(0.0, abs=2e-3)
    # A cell is its own head's by 1 / (1 + exp(-1/2)) = 0.6225, the other's by 0.3775.
    found = float(loss(torch.tensor([[[[2.0, 0.0]]]]), [pair]))
    assert found == pytest.approx(2 * abs(2 * 0.62246 - 1), abs=2e-3)


def test_bayesian_background_belongs_to_nobody() -> None:
    # Seven cells from the only head everything counts as background: the head has none.
    maps = one_map([0, 0, 0, 0, 0, 0, 0, 0.75])
    found = loss_of("bayesian")(maps, [heads((0.5, 0.5))])
    assert float(found.detach()) == pytest.approx(1 + 0.75, abs=2e-3)
    gradient = gradient_of(found, maps)[0]
    assert gradient[0] == pytest.approx(-1.0, abs=2e-3)
    assert gradient[7] == pytest.approx(1.0, abs=1e-4)


def test_dm_count_by_hand() -> None:
    loss = loss_of("dm-count")
    head = [heads((0.5, 0.5))]
    assert float(loss(torch.tensor([[[[1.0, 0.0, 0.0]]]]), head)) == pytest.approx(0.0, abs=1e-5)
    # All in the wrong cell: the count is right, the maps differ by 1 + 1, a hundredth of it.
    assert float(loss(torch.tensor([[[[0.0, 0.0, 1.0]]]]), head)) == pytest.approx(0.02, abs=1e-4)
    # Three people instead of one, where it is: only the count is wrong.
    assert float(loss(torch.tensor([[[[3.0, 0.0, 0.0]]]]), head)) == pytest.approx(2.0, abs=1e-4)


def test_dm_count_transport_by_hand() -> None:
    # One head, an even map of one person: a cell's price is its squared distance, a tenth of it.
    params = LossParams(variation_weight=0.0)
    maps = one_map([1 / 3, 1 / 3, 1 / 3])
    gradient = gradient_of(loss_of("dm-count", params)(maps, [heads((0.5, 0.5))]), maps)[0]
    assert gradient[1] - gradient[0] == pytest.approx(0.1 * 1, abs=1e-3)
    assert gradient[2] - gradient[0] == pytest.approx(0.1 * 4, abs=1e-3)


def test_an_unknown_loss_is_refused() -> None:
    with pytest.raises(ValueError, match=r"loss must be one of mse, .*got 'l2'"):
        choose_loss("l2", PARAMS)
