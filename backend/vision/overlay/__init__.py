"""Annotated pictures: what was measured, drawn over what was seen."""

from backend.vision.overlay.renderer import OverlayParams, OverlayRenderer
from backend.vision.overlay.stale import NOT_ANALYSING, NOT_LIVE, render_stale, render_waiting

__all__ = [
    "NOT_ANALYSING",
    "NOT_LIVE",
    "OverlayParams",
    "OverlayRenderer",
    "render_stale",
    "render_waiting",
]
