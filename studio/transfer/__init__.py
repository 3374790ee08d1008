"""Beginning with the weights of another network: where they come from, how they fit, and what frozen layers save."""
