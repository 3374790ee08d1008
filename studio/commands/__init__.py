"""The commands of `studio`, one module per subject."""
