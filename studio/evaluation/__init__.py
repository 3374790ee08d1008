"""What a trained network is worth, and what it says to new data."""
