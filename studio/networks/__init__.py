"""Networks of runs: the front and the trained part, their weights, and the arrays between them."""
