"""Annotated pictures: what was measured, drawn over what was seen."""

from backend.vision.overlay.renderer import OverlayParams, OverlayRenderer
from backend.vision.overlay.stale import render_stale

__all__ = ["OverlayParams", "OverlayRenderer", "render_stale"]
