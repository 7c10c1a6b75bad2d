"""Where a detector's weights come from, in which order, and what was wrong with the others."""

from backend.vision.model_store.store import ModelStatus, ModelStore, RefusedModel

__all__ = ["ModelStatus", "ModelStore", "RefusedModel"]
