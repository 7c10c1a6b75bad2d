"""Pixels to tracks: sources, detectors, trackers, overlays, model store."""
