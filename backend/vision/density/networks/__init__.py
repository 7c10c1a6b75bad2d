"""Networks from a picture to a density map, in PyTorch; only training and export import them.

A running server counts with the exported graph and never loads this package.
"""
