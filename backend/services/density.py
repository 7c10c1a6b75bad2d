"""The density counter of this installation: which it is, whether it may be had, and how it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.core.settings import Settings
from backend.vision.density.counter import DensityCounter, DensityModelInfo
from backend.vision.density.opening import RuntimeChoice
from backend.vision.density.store import AUTO, OFF, DensityChoice, DensityStore


@dataclass(frozen=True, slots=True)
class DensityStatus:
    """How the density counter is.

    Attributes:
        is_on: Somebody wants one.
        info: The network in use, None before the first camera needed it.
        fault: Why it cannot be had, a sentence with the remedy; empty otherwise.
        remark: Where it runs otherwise than the settings say; empty when it does not.
    """

    is_on: bool = True
    info: DensityModelInfo | None = None
    fault: str = ""
    remark: str = ""


def build_density_store(settings: Settings, *, model: str | None = None) -> DensityStore:
    """Return the store of the density network; nothing is loaded yet.

    Args:
        settings: Start-up settings.
        model: ``auto``, ``off`` or a file in models/; None = the setting DENSITY_MODEL.

    Raises:
        ModelError: ``model`` is none of these.
    """
    name = (settings.density_model if model is None else model).strip()
    choice = DensityChoice(
        name.lower() if name.lower() in {AUTO, OFF} else name,
        runtime=RuntimeChoice(
            runtime=settings.inference_runtime,
            device=settings.inference_device,
            precision=settings.inference_precision,
        ),
    )
    return DensityStore(settings.home / "models", choice)


def counters_of(store: DensityStore) -> Callable[[], DensityCounter | None]:
    """Return what opens one camera's counter, or nothing where it is switched off."""

    def open_counter() -> DensityCounter | None:
        return store.open_counter() if store.is_on else None

    return open_counter


def density_status(store: DensityStore) -> DensityStatus:
    """Return how the density counter is; loads nothing."""
    return DensityStatus(store.is_on, store.info, store.fault, store.remark)
