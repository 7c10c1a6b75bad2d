"""What a predicted density map is punished for.

Every loss takes (B, 1, h, w) float32 maps, people per cell, and the heads of every picture in
units of cells; it returns one number, the mean over the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.datasets.base import HeadArray
from training.ground_truth import adaptive_density, count_points, fixed_density

Loss: TypeAlias = Callable[[Tensor, Sequence[HeadArray]], Tensor]

_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class LossParams:
    """Weights and widths of the losses.

    Attributes:
        kernel_cells: Standard deviation of the Gaussian targets, cells.
        mse_weight: Of the squared error of a cell against the error of the count.
        relative, least_per_side, huber: Of the counting loss: relative error of a block's count,
            people² a block of one cell may err by with nobody there, and the error, in units of
            what is allowed, from which on it weighs linearly.
        bayes_cells: Standard deviation of a head's likelihood, cells.
        background_cells: Distance of the nearest head at which a cell is surely background; at half
            of it background is as likely as that head.
        transport_weight, variation_weight: Of DM-Count, 0.1 and 0.01 in the paper.
        transport_eps: Entropic regularisation of the optimal transport, in squared crop sides.
        transport_rounds: Sinkhorn iterations.
    """

    kernel_cells: float = 0.75
    mse_weight: float = 100.0
    relative: float = 0.08
    least_per_side: float = 0.1
    huber: float = 8.0
    bayes_cells: float = 1.0
    background_cells: float = 4.0
    transport_weight: float = 0.1
    variation_weight: float = 0.01
    transport_eps: float = 10.0
    transport_rounds: int = 60


def choose_loss(name: str, params: LossParams) -> Loss:
    """Return a loss by its name.

    Args:
        name: ``counting``, ``mse``, ``mse-adaptive``, ``pyramid``, ``bayesian`` or ``dm-count``.
        params: Weights and widths.

    Raises:
        ValueError: There is no such loss; names those there are.
    """
    losses: dict[str, Loss] = {
        "mse": lambda maps, heads: mse_loss(maps, heads, params),
        "mse-adaptive": lambda maps, heads: mse_loss(maps, heads, params, is_adaptive=True),
        "pyramid": lambda maps, heads: pyramid_loss(maps, heads, params),
        "counting": lambda maps, heads: counting_loss(maps, heads, params),
        "bayesian": lambda maps, heads: bayesian_loss(maps, heads, params),
        "dm-count": lambda maps, heads: dm_count_loss(maps, heads, params),
    }
    if name not in losses:
        raise ValueError(f"loss must be one of {', '.join(losses)}, got {name!r}")
    return losses[name]


def target_maps(
    heads: Sequence[HeadArray], map_hw: tuple[int, int], *, sigma_cells: float, is_adaptive: bool
) -> Tensor:
    """Gaussian maps of the true heads, (B, 1, h, w) float32, people per cell."""
    maps = [
        adaptive_density(each, map_hw, 1, largest_px=4 * sigma_cells)
        if is_adaptive
        else fixed_density(each, map_hw, 1, sigma_px=sigma_cells)
        for each in heads
    ]
    return torch.from_numpy(np.stack(maps))[:, None]


def mse_loss(
    maps: Tensor, heads: Sequence[HeadArray], params: LossParams, *, is_adaptive: bool = False
) -> Tensor:
    """Squared error of the cells plus the relative error of the count."""
    target = target_maps(
        heads, _map_hw(maps), sigma_cells=params.kernel_cells, is_adaptive=is_adaptive
    )
    squared = functional.mse_loss(maps, target)
    count = target.sum(dim=(1, 2, 3))
    off = (maps.sum(dim=(1, 2, 3)) - count).abs() / (count + 10.0)
    return params.mse_weight * squared + 0.1 * off.mean()


def pyramid_loss(maps: Tensor, heads: Sequence[HeadArray], params: LossParams) -> Tensor:
    """Absolute error of the counts in blocks of 1, 2, 4, 8 … cells, up to the whole map.

    The error of a block is divided by the square root of the block's side, so that coarse and
    fine blocks weigh about alike while the errors of neighbouring cells are independent.
    """
    target = target_maps(heads, _map_hw(maps), sigma_cells=params.kernel_cells, is_adaptive=False)
    off = maps - target
    total = off.abs().sum(dim=(1, 2, 3))
    side = 1
    while side < max(_map_hw(maps)):
        off = functional.avg_pool2d(off, 2, ceil_mode=True, divisor_override=1)
        side *= 2
        total = total + off.abs().sum(dim=(1, 2, 3))
    return total.mean() / 10.0


def counting_loss(maps: Tensor, heads: Sequence[HeadArray], params: LossParams) -> Tensor:
    """Error of the counts in blocks of 1, 2, 4 … cells in units of what such a count may err.

    A block counted as n people may be wrong by ``sqrt(n + (relative * n)² + least)``: the first
    is how people fall into blocks, the second what is left at best. Errors of several times that
    weigh linearly (Huber), so that a mislabelled crop does not rule a step (far enough out that
    the mean is still learned: counts in blocks are skewed, their median lies lower); sparse and
    dense pictures weigh alike. n is what was predicted, not the truth: weighed by the truth, empty
    blocks would count for more than full ones and every crowd would be learned too small.
    """
    target = target_maps(heads, _map_hw(maps), sigma_cells=params.kernel_cells, is_adaptive=False)
    total = maps.new_zeros(())
    side = 1
    levels = 0
    while True:
        counted = maps.detach()
        allowed = torch.sqrt(
            counted + (params.relative * counted) ** 2 + min(params.least_per_side * side, 1.0)
        )
        error = functional.huber_loss(maps / allowed, target / allowed, delta=params.huber)
        # By the mean alone the whole crop would pull hundreds of times as hard as its cells, and
        # the network be told how many people there are but not where.
        total = total + math.prod(_map_hw(maps)) ** 0.5 * error
        levels += 1
        if max(_map_hw(maps)) == 1:
            return total / levels
        maps = functional.avg_pool2d(maps, 2, ceil_mode=True, divisor_override=1)
        target = functional.avg_pool2d(target, 2, ceil_mode=True, divisor_override=1)
        side *= 2


def bayesian_loss(maps: Tensor, heads: Sequence[HeadArray], params: LossParams) -> Tensor:
    """Absolute error of the count every head is expected to have been given.

    References:
        Ma et al. 2019, Bayesian Loss for Crowd Count Estimation with Point Supervision,
        doi:10.1109/ICCV.2019.00624, with background (eq. 15).
    """
    total = maps.new_zeros(())
    cells = _centres(_map_hw(maps))
    for density, points in zip(maps, heads, strict=True):
        flat = density.reshape(-1)
        if len(points) == 0:
            total = total + flat.sum()
            continue
        squared = torch.cdist(torch.from_numpy(points), cells) ** 2
        nearest = squared.min(dim=0).values.clamp_min(1e-3)
        background = (params.background_cells - nearest.sqrt()) ** 2
        background = torch.where(nearest > params.background_cells**2, 0.0, background)
        logits = -torch.cat([squared, background[None]]) / (2 * params.bayes_cells**2)
        share = torch.softmax(logits, dim=0)
        expected = share @ flat
        total = total + (expected[:-1] - 1.0).abs().sum() + expected[-1].abs()
    return total / len(heads)


def dm_count_loss(maps: Tensor, heads: Sequence[HeadArray], params: LossParams) -> Tensor:
    """Count error, optimal transport and total variation between normalised maps.

    References:
        Wang et al. 2020, Distribution Matching for Crowd Counting, NeurIPS 33, eq. 7.
    """
    total = maps.new_zeros(())
    map_hw = _map_hw(maps)
    cells = _centres(map_hw)
    for density, points in zip(maps, heads, strict=True):
        flat = density.reshape(-1)
        predicted = flat.sum()
        true = float(len(points))
        loss = (predicted - true).abs()
        if true:
            share = flat / (predicted + _TINY)
            seen = torch.from_numpy(count_points(points, map_hw, 1)).reshape(-1) / true
            variation = (share - seen).abs().sum() * true
            loss = loss + params.variation_weight * variation
            slope = _transport_slope(flat.detach(), cells, torch.from_numpy(points), params)
            loss = loss + params.transport_weight * (flat * slope).sum()
        total = total + loss
    return total / len(heads)


def _transport_slope(flat: Tensor, cells: Tensor, points: Tensor, params: LossParams) -> Tensor:
    """Gradient of the regularised transport cost with respect to every cell's density."""
    predicted = flat.sum() + _TINY
    source = flat / predicted
    cost = torch.cdist(cells, points) ** 2
    kernel = torch.exp(-cost / params.transport_eps)
    to = torch.full((len(points),), 1.0 / len(points))
    scale_from = torch.ones(len(cells))
    scale_to = torch.ones(len(points))
    for _ in range(params.transport_rounds):
        scale_to = to / (kernel.T @ scale_from + _TINY)
        scale_from = source / (kernel @ scale_to + _TINY)
    dual = params.transport_eps * torch.log(scale_from + _TINY)
    return (dual - (source * dual).sum()) / predicted


def _map_hw(maps: Tensor) -> tuple[int, int]:
    return int(maps.shape[-2]), int(maps.shape[-1])


def _centres(map_hw: tuple[int, int]) -> Tensor:
    """(h * w, 2) float32, centres of the cells (x, y), row by row."""
    row, column = torch.meshgrid(
        torch.arange(map_hw[0]) + 0.5, torch.arange(map_hw[1]) + 0.5, indexing="ij"
    )
    return torch.stack([column.reshape(-1), row.reshape(-1)], dim=1)
