"""Figures of collective oscillation: a swaying crowd, and how often noise is taken for one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from backend.core.frame import FloatArray
from backend.crowd.oscillation import detect_oscillation
from backend.crowd.oscillation_spectrum import MIN_STRENGTH, mean_velocity_spectrum
from figures.style import BLUE, GREEN, GREY, ORANGE, RED, figure_file

TIMES_S = np.arange(0, 120, 0.5)
NOISE_MPS = 0.1
MEMORIES_S = (0.0, 1.0, 3.0, 10.0)
COLOURS = (BLUE, GREEN, ORANGE, RED)
RATIOS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5)
RUNS = 60


def draw(folder: Path, assets: Path) -> None:
    """Draw the figures of oscillation.md."""
    rng = np.random.default_rng(7)
    _draw_orbit(folder / "oscillation-orbit.svg", rng)
    _draw_detection(folder / "oscillation-detection.svg", rng)


def red_noise(rng: np.random.Generator, memory_s: float) -> FloatArray:
    """Two components of first-order noise of 0.1 m/s each, (240, 2); white for memory 0."""
    keep = math.exp(-0.5 / memory_s) if memory_s else 0.0
    push = rng.normal(0, NOISE_MPS * math.sqrt(1 - keep**2), (TIMES_S.size, 2))
    velocity = np.empty_like(push)
    velocity[0] = rng.normal(0, NOISE_MPS, 2)
    for k in range(1, len(push)):
        velocity[k] = keep * velocity[k - 1] + push[k]
    return velocity


def orbit(period_s: float, speed: float, phase: float) -> FloatArray:
    """Motion on a circle, (240, 2) m/s."""
    angle = 2 * np.pi * TIMES_S / period_s + phase
    return np.asarray(speed * np.stack([np.cos(angle), np.sin(angle)], axis=1))


def _draw_orbit(path: Path, rng: np.random.Generator) -> None:
    velocity = orbit(18.0, 0.28, 0.4) + red_noise(rng, 3.0)
    found = detect_oscillation(TIMES_S, velocity)
    spectrum = mean_velocity_spectrum(TIMES_S, velocity)
    assert found is not None
    assert spectrum is not None
    with figure_file(path, width=7.4, height=3.0) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
        left.plot(TIMES_S, velocity[:, 0], color=BLUE, label="x")
        left.plot(TIMES_S, velocity[:, 1], color=ORANGE, label="y")
        left.set(xlabel="time [s]", ylabel="mean velocity [m/s]", ylim=(-0.65, 0.75))
        left.legend(loc="upper right", ncols=2)
        shown = spectrum.frequency_hz <= 0.3
        frequency = spectrum.frequency_hz[shown]
        right.semilogy(frequency, spectrum.power[shown], color=BLUE)
        right.semilogy(frequency, spectrum.background[shown], color=GREY, label="red noise")
        right.semilogy(
            frequency,
            MIN_STRENGTH * spectrum.background[shown],
            "--",
            color=GREY,
            label="8 times that",
        )
        right.set(xlabel="frequency [Hz]", ylabel="power [m²/s²]", ylim=(1e-5, 1))
        right.set_title(
            f"{found.period_s:.1f} s, {found.strength:.0f} times, {found.handedness.value}",
            fontsize=9,
        )
        right.legend(loc="upper right")


def _draw_detection(path: Path, rng: np.random.Generator) -> None:
    with figure_file(path, width=7.4, height=3.0) as figure:
        for axes, period_s in zip(figure.subplots(1, 3, sharey=True), (12, 18, 25), strict=True):
            for memory_s, colour in zip(MEMORIES_S, COLOURS, strict=True):
                _draw_rates(axes, rng, period_s, memory_s, colour)
            axes.set(title=f"period {period_s} s", xlabel="amplitude / noise per axis")
        figure.axes[0].set_ylabel("share of windows detected")
        figure.axes[0].legend(loc="lower right", fontsize=7, title="memory of the noise")


def _draw_rates(
    axes: Axes, rng: np.random.Generator, period_s: float, memory_s: float, colour: str
) -> None:
    rates = []
    for ratio in RATIOS:
        found = 0
        for _ in range(RUNS):
            sway = orbit(period_s, ratio * NOISE_MPS, rng.uniform(0, 2 * np.pi))
            found += detect_oscillation(TIMES_S, sway + red_noise(rng, memory_s)) is not None
        rates.append(found / RUNS)
    axes.plot(RATIOS, rates, "o-", markersize=3, color=colour, label=f"{memory_s:g} s")
