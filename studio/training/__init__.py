"""Training: from a run folder with a recipe to a trained network."""
