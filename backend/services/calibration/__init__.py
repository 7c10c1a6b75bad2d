"""Calibration of cameras: what people give, what is stored, what running cameras are told."""
