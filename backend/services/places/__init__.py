"""Places of cameras: what people draw, what is stored, what running cameras are told."""
