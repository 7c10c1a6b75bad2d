"""Training and evaluation of the density networks; no part of the running server."""
