"""Tracks to measurements: pure functions over arrays and one analyser per camera."""
