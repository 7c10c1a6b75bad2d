"""Figures of docs/methods: one module a topic, each with ``draw(folder, assets)``."""
