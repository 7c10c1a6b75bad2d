"""Shapes of what comes in and goes out: one input and one output class per operation."""
