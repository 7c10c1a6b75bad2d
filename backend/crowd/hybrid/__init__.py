"""Boxes and density map together: who counts where, with no jump at the hand-over."""
