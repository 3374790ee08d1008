"""Optimizers, schedules, losses and metrics: registries of typed, documented declarations that the page, the recipe and the trainer share."""
