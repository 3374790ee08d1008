"""Which losses judge which kind of target, and what they want of a network."""

from __future__ import annotations

from blocks.features import Feature, FeatureKind

OF_ONE_CLASS = (
    "sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_generalized_cross_entropy",
    "kl_divergence",
)  # fmt: skip
"""Losses for classes that want one probability per class, which add up to 1."""
OF_EACH_CLASS = ("binary_crossentropy", "binary_focal_crossentropy")
"""Losses that want a probability for each class on its own."""
OF_MARGINS = ("categorical_hinge", "hinge", "squared_hinge", "cosine_similarity")
"""Losses for classes that take any scores."""
OF_AREAS = ("dice_crossentropy", "dice", "jaccard", "tversky")
"""Losses for masks that compare areas: they want probabilities of the classes at each pixel, which add up to 1."""
OF_TOKENS = ("token_crossentropy",)
"""Losses for texts: they want probabilities of the vocabulary at each place, which add up to 1."""
OF_TRANSCRIPTS = ("ctc",)
"""Losses for transcripts: they want probabilities of the characters and of none at each step, which add up to 1."""
OF_ERRORS = ("mean_squared_error", "mean_absolute_error")
"""Losses for numbers that also judge the probabilities of classes and the pixels of pictures."""

FITTING: dict[FeatureKind, tuple[str, ...]] = {
    "category": (*OF_ONE_CLASS, *OF_EACH_CLASS, *OF_MARGINS, *OF_ERRORS),
    "labels": OF_EACH_CLASS,
    "mask": (*OF_AREAS, "sparse_categorical_crossentropy", "categorical_focal_crossentropy"),
    "number": (*OF_ERRORS, "huber", "log_cosh", "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson"),
    "image": ("mean_absolute_error", "mean_squared_error", "charbonnier"),
    "tokens": OF_TOKENS,
    "transcript": OF_TRANSCRIPTS,
    "identity": (
        "supervised_contrastive",
        "triplet_semihard",
        "triplet_batch_hard",
        "triplet",
        "contrastive",
        "cosine_embedding",
        "pair_cross_entropy",
        "quadruplet",
    ),
}
"""Losses by the kind of target; the first one fits always, and is what a training takes of its own."""
KNOWN = frozenset(name for names in FITTING.values() for name in names)
SHARED_OUT = (*OF_ONE_CLASS, *OF_AREAS, *OF_TOKENS, *OF_TRANSCRIPTS)
"""Losses that want probabilities which add up to 1."""
PROBABLE = (*SHARED_OUT, *OF_EACH_CLASS)
"""Losses that want probabilities."""


def suits(loss: str | None, target: Feature | None) -> bool:
    """Whether a loss judges a target, as far as both are known."""
    return loss not in KNOWN or target is None or target.kind not in FITTING or loss in FITTING[target.kind]
