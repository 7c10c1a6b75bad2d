"""The card beside a density network's weights: what it is, how far it errs, what it was judged by.

A card is read strictly: what it leaves out cannot be guessed, and a value nobody knows may mean
something that matters. The weights are used only if they are the ones the card speaks of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from backend.core.errors import ModelError
from backend.core.observation import CountError

WEIGHTS_SUFFIX, CARD_SUFFIX = ".onnx", ".json"
MAX_CARD_BYTES = 1 << 20
MAX_WEIGHTS_BYTES = 256 << 20

STRIDES = (1, 2, 4, 8, 16)
"""Sides a cell may have: pictures are padded to multiples of 16 pixels."""
_SIDE_RANGE_PX = (64, 4096)
_MOST = 1e9
_REMEDY = "export the model again, or fetch both files anew"


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """Errors on one dataset, people.

    Attributes:
        mae: Mean absolute error of the count.
        rmse: Root of the mean squared error.
        bias: Mean signed error, counted minus true.
        pictures: How many were counted.
        split: Which pictures: ``validation``.
    """

    mae: float
    rmse: float
    bias: float
    pictures: int
    split: str


@dataclass(frozen=True, slots=True)
class DensityCard:
    """Everything worth knowing of one density network.

    Attributes:
        name: For people: ``crowdsafe-light``.
        version: Of the weights.
        file: Name of the weight file in the same folder.
        sha256: Of the weight file, 64 hexadecimal digits.
        stride: Side of a cell of the map, pixels of the input.
        short_side_px: Pictures whose short side is smaller are enlarged to it when evaluated.
        input_long_px: Long side of the input where nobody asks for another, pixels.
        error: How far sums of the map err.
        crowded_per_cell: Mean people per cell of a block up to which it was validated, see
            `core.observation.CrowdMap.crowded_per_cell`.
        licence: Under which the weights are given on.
        trained_on: The data, a sentence.
        created_by: What wrote the card.
        results: Dataset -> errors there.
    """

    name: str
    version: str
    file: str
    sha256: str
    stride: int
    short_side_px: int
    input_long_px: int
    error: CountError
    crowded_per_cell: float
    licence: str
    trained_on: str
    created_by: str
    results: Mapping[str, DatasetResult]

    def save(self, path: Path) -> None:
        """Write the card; `load_card` reads the same again."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False)
        path.write_text(f"{text}\n", encoding="utf-8")


def load_card(path: Path) -> DensityCard:
    """Read a card and make sure the weights beside it are the ones it speaks of.

    Args:
        path: The card, or the weight file it stands beside (``name.onnx``, ``name.json``).

    Raises:
        ModelError: A file is missing, or is not what the card says; names file, field and
            remedy.
    """
    path = path.with_suffix(CARD_SUFFIX)
    card = _Reader(path.name, _read_object(path)).card()
    if card.file != path.with_suffix(WEIGHTS_SUFFIX).name:
        raise ModelError(
            f"{path.name}: file must be {path.with_suffix(WEIGHTS_SUFFIX).name!r}, got "
            f"{card.file!r}; {_REMEDY}"
        )
    found = hash_weights(path.with_name(card.file))
    if found != card.sha256:
        raise ModelError(
            f"{card.file} is not the file {path.name} speaks of: its sha256 is {found[:12]}…, "
            f"not {card.sha256[:12]}… (cut short, changed or swapped); {_REMEDY}"
        )
    return card


def hash_weights(path: Path) -> str:
    """Return the sha256 of a weight file, 64 hexadecimal digits.

    Raises:
        ModelError: Missing, unreadable or larger than any density network.
    """
    try:
        if path.stat().st_size > MAX_WEIGHTS_BYTES:
            raise ModelError(
                f"{path.name} is larger than {MAX_WEIGHTS_BYTES >> 20} MB: no density network"
            )
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(f"{path.name} does not exist; {_REMEDY}") from None
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read: {error.strerror}") from error


def _read_object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_CARD_BYTES:
            raise ModelError(f"{path.name} is larger than {MAX_CARD_BYTES >> 20} MB: no card")
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{path.name} does not exist: a density network needs its card beside it; {_REMEDY}"
        ) from None
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # no JSON, or no text
        raise ModelError(f"{path.name} is not JSON ({error}); {_REMEDY}") from None
    if not isinstance(told, dict):
        raise ModelError(f"{path.name} must hold one JSON object; {_REMEDY}")
    return told


class _Reader:
    """Reads the values of one JSON object; every fault names file and field.

    Args:
        file: Name of the card.
        told: The object.
        where: Prefix of the fields' names.
    """

    def __init__(self, file: str, told: dict[str, Any], where: str = "") -> None:
        self._file = file
        self._told = told
        self._where = where

    def card(self) -> DensityCard:
        self._expect_fields(DensityCard)
        error = self._below("error")
        error._expect_fields(CountError)
        return DensityCard(
            name=self.text("name"),
            version=self.text("version"),
            file=self.text("file"),
            sha256=self._sha256(),
            stride=self.whole("stride", allowed=STRIDES),
            short_side_px=self.whole("short_side_px", least=1, most=_SIDE_RANGE_PX[1]),
            input_long_px=self.whole(
                "input_long_px", least=_SIDE_RANGE_PX[0], most=_SIDE_RANGE_PX[1]
            ),
            error=CountError(error.number("own"), error.number("common"), error.number("least")),
            crowded_per_cell=self._above_zero("crowded_per_cell"),
            licence=self.text("licence"),
            trained_on=self.text("trained_on"),
            created_by=self.text("created_by"),
            results=self._results(),
        )

    def text(self, field: str) -> str:
        found = self._told[field]
        if not isinstance(found, str) or not found.strip():
            raise self._fault(field, "a text that is not empty", found)
        return found

    def number(self, field: str, *, least: float = 0.0) -> float:
        found = self._told[field]
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        # Compared before it is turned into a float: JSON has integers no float can hold.
        if not is_number or not least <= found <= _MOST:
            raise self._fault(field, f"a number from {least:g} to {_MOST:g}", found)
        return float(found)

    def whole(
        self, field: str, *, least: int = 0, most: int = 1 << 31, allowed: tuple[int, ...] = ()
    ) -> int:
        found = self._told[field]
        is_whole = isinstance(found, int) and not isinstance(found, bool)
        if allowed:
            if not is_whole or found not in allowed:
                raise self._fault(field, f"one of {', '.join(map(str, allowed))}", found)
        elif not is_whole or not least <= found <= most:
            raise self._fault(field, f"a whole number from {least} to {most}", found)
        return int(found)

    def _above_zero(self, field: str) -> float:
        found = self.number(field)
        if found <= 0:
            raise self._fault(field, "a number above 0", found)
        return found

    def _sha256(self) -> str:
        found = self.text("sha256").lower()
        if len(found) != 64 or not set(found) <= set("0123456789abcdef"):
            raise self._fault("sha256", "64 hexadecimal digits", found)
        return found

    def _results(self) -> dict[str, DatasetResult]:
        below = self._below("results")
        results = {}
        for dataset in below._told:
            result = below._below(dataset)
            result._expect_fields(DatasetResult)
            results[dataset] = DatasetResult(
                mae=result.number("mae"),
                rmse=result.number("rmse"),
                bias=result.number("bias", least=-_MOST),
                pictures=result.whole("pictures", least=1),
                split=result.text("split"),
            )
        return results

    def _below(self, field: str) -> _Reader:
        found = self._told[field]
        if not isinstance(found, dict):
            raise self._fault(field, "an object", found)
        return _Reader(self._file, found, f"{self._where}{field}.")

    def _expect_fields(self, card_class: type[Any]) -> None:
        wanted = {each.name for each in fields(card_class)}
        for field in sorted(wanted - self._told.keys()):
            raise ModelError(f"{self._file}: {self._where}{field} is missing; {_REMEDY}")
        for field in sorted(self._told.keys() - wanted):
            raise ModelError(
                f"{self._file}: {self._where}{field} is unknown; remove it, or use the version of "
                "CrowdSafe that wrote it"
            )

    def _fault(self, field: str, wanted: str, found: object) -> ModelError:
        return ModelError(
            f"{self._file}: {self._where}{field} must be {wanted}, got {str(found)[:60]!r}; "
            f"{_REMEDY}"
        )
