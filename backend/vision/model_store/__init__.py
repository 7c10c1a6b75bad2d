"""Where detectors' weights come from, in which order, and what was wrong with the others."""

from backend.vision.model_store.entries import ModelEntry
from backend.vision.model_store.installation import RefusedModel
from backend.vision.model_store.store import ModelStatus, ModelStore

__all__ = ["ModelEntry", "ModelStatus", "ModelStore", "RefusedModel"]
