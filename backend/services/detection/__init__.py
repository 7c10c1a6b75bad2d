"""Detection on demand: pictures that are sent in, and what a camera shows now."""
