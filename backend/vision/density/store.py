"""Which density network counts: the shipped one, one of the installation's own, or none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from backend.core.errors import ModelError, UnavailableError
from backend.vision.density.card import CARD_SUFFIX, WEIGHTS_SUFFIX, DensityCard, load_card
from backend.vision.density.counter import DensityCounter, DensityModelInfo
from backend.vision.density.network_counter import CountingPlan, NetworkDensityCounter
from backend.vision.density.opening import OpenedNetwork, RuntimeChoice, open_density_network

AUTO, OFF = "auto", "off"
SETTING = "DENSITY_MODEL"
SHIPPED = Path(__file__).parents[1] / "weights" / "crowdsafe-light.onnx"

LOAD_WAIT_S = 10.0
"""How long a camera waits while another thread loads the network: longer than that usually takes
(1 to 5 s), and short enough for a thread whose pictures wait meanwhile."""

_LONG_RANGE_PX = (128, 4096)

Open = Callable[[Path, DensityCard, RuntimeChoice], OpenedNetwork]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DensityChoice:
    """What the settings say of density counting.

    Attributes:
        model: ``auto`` (the shipped network), ``off``, or the name of a weight file in
            ``models/`` with its card beside it: ``square.onnx`` or ``square``.
        long_px: Long side of the network's input, 128 to 4096 pixels; None = as the card says.
        runtime: What computes it.
    """

    model: str = AUTO
    long_px: int | None = None
    runtime: RuntimeChoice = field(default_factory=RuntimeChoice)


@dataclass(frozen=True, slots=True)
class _Loaded:
    card: DensityCard
    opened: OpenedNetwork


class DensityStore:
    """Hands out density counters on one network that all cameras share; thread-safe.

    The network is loaded with the first counter (or by `prepare`) and kept until `close`. Where
    that fails there is no counter and `fault` says why; the next one asked for tries again, so
    that a repaired file needs no restart. Nothing ever counts with other weights than asked for.
    While one thread loads, others wait `LOAD_WAIT_S` at most, and nothing else waits at all.

    Args:
        models_dir: The folder ``models/`` of the installation.
        choice: The settings.
        shipped: The weight file that ``auto`` stands for.
        open_network: Opens a weight file; in tests something else.
        load_wait_s: How long to wait for another thread that loads.

    Raises:
        ModelError: The choice cannot be meant: a path, or a size out of range; names the setting.
    """

    def __init__(
        self,
        models_dir: Path,
        choice: DensityChoice | None = None,
        *,
        shipped: Path = SHIPPED,
        open_network: Open = open_density_network,
        load_wait_s: float = LOAD_WAIT_S,
    ) -> None:
        self._choice = choice or DensityChoice()
        self._path = _find_weights(self._choice.model, models_dir, shipped)
        long_px = self._choice.long_px
        if long_px is not None and not _LONG_RANGE_PX[0] <= long_px <= _LONG_RANGE_PX[1]:
            raise ModelError(
                f"the long side of the density network's input must be {_LONG_RANGE_PX[0]} to "
                f"{_LONG_RANGE_PX[1]} pixels, got {long_px}"
            )
        self._open_network = open_network
        self._load_wait_s = load_wait_s
        self._loading = threading.Lock()  # held while the network is loaded: seconds, or for ever
        self._lock = threading.Lock()  # guards what follows, held for no time
        self._loaded: _Loaded | None = None
        self._newest_hw: tuple[int, int] | None = None
        self._fault = ""
        self._is_closed = False

    @property
    def is_on(self) -> bool:
        """Whether density is to be counted at all."""
        return self._choice.model != OFF

    @property
    def fault(self) -> str:
        """Why density is not counted although it should be, a sentence; empty when fine.

        Empty also before the network was first asked for.
        """
        return self._fault

    @property
    def remark(self) -> str:
        """Where it runs otherwise than the settings say, a sentence; empty when it does not."""
        loaded = self._loaded
        return "" if loaded is None else loaded.opened.remark

    @property
    def info(self) -> DensityModelInfo | None:
        """Which network counts, and at which size any camera's last picture was; None until it is
        loaded."""
        loaded = self._loaded
        if loaded is None:
            return None
        facts = self._counter_on(loaded).info
        return replace(facts, input_hw=self._newest_hw or facts.input_hw)

    @property
    def card(self) -> DensityCard | None:
        """The card of the loaded network; None until it is loaded."""
        loaded = self._loaded
        return None if loaded is None else loaded.card

    def prepare(self) -> DensityModelInfo:
        """Load ahead of time, so that the first camera starts at once (seconds).

        Raises:
            ModelError, UnavailableError: As `open_counter`.
        """
        return self._counter_on(self._load()).info

    def open_counter(self, *, long_px: int | None = None) -> DensityCounter:
        """Return a handle for one camera; the first one loads the network (seconds).

        Args:
            long_px: Long side of this camera's input, 128 to 4096 pixels; the setting's, then
                the card's by default.

        Raises:
            ModelError: Switched off, or the network cannot be used; names the file and the
                remedy.
            UnavailableError: Another thread is still loading it; ask again later.
            ValueError: ``long_px`` is out of range.
        """
        if long_px is not None and not _LONG_RANGE_PX[0] <= long_px <= _LONG_RANGE_PX[1]:
            raise ValueError(
                f"long_px must be {_LONG_RANGE_PX[0]} to {_LONG_RANGE_PX[1]}, got {long_px}"
            )
        return self._counter_on(self._load(), long_px=long_px)

    def close(self) -> None:
        """Let go of the network; close counters before. Idempotent.

        Waits for no load in progress: the thread that loads lets go of what it then has.
        """
        with self._lock:
            self._is_closed = True
            loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.opened.network.close()

    def _counter_on(self, loaded: _Loaded, *, long_px: int | None = None) -> NetworkDensityCounter:
        chosen = long_px or self._choice.long_px or loaded.card.input_long_px
        return NetworkDensityCounter(
            loaded.opened.network,
            CountingPlan(loaded.card, long_px=chosen),
            on_input=self._note_input,
        )

    def _note_input(self, input_hw: tuple[int, int]) -> None:
        self._newest_hw = input_hw

    def _load(self) -> _Loaded:
        path = self._path
        if path is None:
            raise ModelError(
                f"density counting is switched off ({SETTING}={OFF}); set {SETTING}={AUTO}"
            )
        if (loaded := self._present()) is not None:
            return loaded
        if not self._loading.acquire(timeout=self._load_wait_s):
            raise UnavailableError(
                f"the density network {path.name} is still being loaded; trying again later"
            )
        try:
            return self._present() or self._keep(self._open(path))
        finally:
            self._loading.release()

    def _present(self) -> _Loaded | None:
        """Return what is loaded already.

        Raises:
            ModelError: The store has been closed.
        """
        with self._lock:
            if self._is_closed:
                raise ModelError("the density networks have been closed")
            return self._loaded

    def _keep(self, loaded: _Loaded) -> _Loaded:
        """Keep what has been loaded, unless the store was closed meanwhile."""
        with self._lock:
            if not self._is_closed:
                self._loaded = loaded
                return loaded
        loaded.opened.network.close()
        raise ModelError("the density networks have been closed")

    def _open(self, path: Path) -> _Loaded:
        try:
            card = load_card(path)
            opened = self._open_network(path, card, self._choice.runtime)
        except ModelError as error:
            self._refused(error)
            raise
        except Exception as error:  # a runtime may raise anything: none of it is the camera's
            name, reason = type(error).__name__, " ".join(str(error).split())[:200]
            refusal = ModelError(
                f"{path.name} cannot be opened ({name}: {reason}); see the log, and install "
                "CrowdSafe's packages again if that is no help"
            )
            self._refused(refusal, crash=error)
            raise refusal from error
        self._fault = ""
        _log_loaded(card, opened)
        return _Loaded(card, opened)

    def _refused(self, error: ModelError, *, crash: Exception | None = None) -> None:
        """Note why nothing can be counted; log it once."""
        if str(error) != self._fault:
            logger.warning("density_model_refused %s", error, exc_info=crash)
        self._fault = str(error)


def _log_loaded(card: DensityCard, opened: OpenedNetwork) -> None:
    facts = opened.network.info
    logger.info(
        "density_model_loaded name=%s version=%s runtime=%s precision=%s device=%s",
        card.name,
        card.version,
        facts.runtime,
        facts.precision,
        facts.device,
    )
    if opened.remark:
        logger.warning("density_runtime %s", opened.remark)


def _find_weights(model: str, models_dir: Path, shipped: Path) -> Path | None:
    """Return the weight file a setting stands for; None for ``off``.

    Raises:
        ModelError: It is no plain file name of an .onnx file.
    """
    if model == AUTO:
        return shipped
    if model == OFF:
        return None
    name = model.removesuffix(CARD_SUFFIX).removesuffix(WEIGHTS_SUFFIX)
    is_plain = bool(name) and not name.startswith(".") and not set(model) & set("/\\:\0")
    if not is_plain:
        raise ModelError(
            f"{SETTING} must be {AUTO}, {OFF} or the name of a file in models/ such as "
            f"square.onnx, got {model[:60]!r}"
        )
    return models_dir / f"{name}{WEIGHTS_SUFFIX}"
