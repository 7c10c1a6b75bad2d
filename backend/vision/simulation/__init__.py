"""A simulated crowd camera: named scenarios, a pedestrian model, a drawn picture, known truth."""
