"""Annotated video on disk: segments, their rows, their end of life."""
