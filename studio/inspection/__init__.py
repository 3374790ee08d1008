"""What a sample looks like at any node of a network, and what a node has learned: for fresh weights and for a run's saved states."""
