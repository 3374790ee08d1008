"""Training speed: one module per workload, each with the script a person would write first and the best that we could tune by hand."""
