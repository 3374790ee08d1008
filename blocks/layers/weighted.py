"""What layers with kernels share: how these start and what is asked of them, kept for the configuration and for layers inside."""

from __future__ import annotations

from typing import Any

import keras


class KernelLayer(keras.layers.Layer):  # type: ignore[misc]
    """A layer with one or more kernels.

    Args:
        settings: Initializer, regularizer and constraint of each part ("kernel", and "bias" where there is one), by their parameters' names.
    """

    def __init__(
        self, kernel_initializer: Any = "glorot_uniform", kernel_regularizer: Any = None, kernel_constraint: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.use_bias = False
        self.settings: dict[str, Any] = {}
        self.keep("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def keep(self, part: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        """Keeps the settings of a part as Keras objects."""
        self.settings[f"{part}_initializer"] = keras.initializers.get(initializer)
        self.settings[f"{part}_regularizer"] = keras.regularizers.get(regularizer)
        self.settings[f"{part}_constraint"] = keras.constraints.get(constraint)

    def add_part(self, part: str, shape: Any) -> Any:
        """The weight of a part, called as it."""
        given = {kind: self.settings[f"{part}_{kind}"] for kind in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=part, shape=shape, **given)

    def inner(self, kind: Any, *arguments: Any, name: str, **given: Any) -> Any:
        """A layer inside with these settings; each gets initializers of its own, since a shared one would give all of them the same numbers."""
        own = {key: value.clone() if key.endswith("initializer") else value for key, value in self.settings.items()}
        return kind(*arguments, name=name, dtype=self.dtype_policy, **{"use_bias": self.use_bias, **own, **given})

    def get_config(self) -> dict[str, Any]:
        activity = keras.regularizers.serialize(self.activity_regularizer)
        kept = {name: keras.saving.serialize_keras_object(value) for name, value in self.settings.items()}
        return {**super().get_config(), **kept, "activity_regularizer": activity}


class KernelAndBiasLayer(KernelLayer):
    """A layer with kernels and, unless `use_bias` is off, biases."""

    def __init__(
        self, use_bias: bool = True, bias_initializer: Any = "zeros", bias_regularizer: Any = None, bias_constraint: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.use_bias = use_bias
        self.keep("bias", bias_initializer, bias_regularizer, bias_constraint)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "use_bias": self.use_bias}
