"""What a training begins with: the weights of another network, and which of them it changes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_serializer, model_validator

from blocks.declaration import Declaration

Factor = Annotated[float, Field(gt=0, le=1, json_schema_extra={"unit": "of the learning rate"})]


class Unfreeze(Declaration):
    """Trains frozen layers too, from some epoch on and more gently.

    Use it when the new head has learned something: its first, wild gradients then no longer spoil what the layers below it know.

    Source: Howard and Ruder (2018), arXiv:1801.06146, section 3.3; Keras, "Transfer learning and fine-tuning", section "Fine-tuning".
    """

    after: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Epochs in which they stay frozen; empty is half of the training.", json_schema_extra={"unit": "epochs"}
    )
    learning_rate: Factor = Field(0.1, description="Learning rate from then on.")
    layers: Annotated[int, Field(ge=1, le=100_000)] | Literal["all"] = Field(
        "all",
        description='How many layers, counted from the end, are trained from then on; "all" takes every one.',
        json_schema_extra={"control": "text"},
    )


class Transfer(Declaration):
    """Weights to begin with, taken over layer by layer where name and shape agree; a head with other classes starts anew.

    Use it where data are few and a network that was trained on similar ones is at hand.

    Source: Yosinski et al. (2014), arXiv:1411.1792.
    """

    run: str | None = Field(None, description="Run whose weights are taken over.")
    weights: Annotated[str, Field(max_length=4000)] | None = Field(
        None,
        description="Where else the weights come from: a .keras or .weights.h5 file, a SavedModel folder of ours, the .zip of an export, "
        "the id of imported weights, imagenet:NAME of a network of keras.applications, or hub:NAME of one of keras-hub (hub:FOLDER: what "
        "save_to_preset wrote).",
    )
    state: Literal["best", "last"] = Field("best", description="Which weights of the run.", json_schema_extra={"frequent": False})
    train_last: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None,
        description="Layers that are trained, counted from the end, the others being frozen; empty: as the network says.",
        json_schema_extra={"unit": "layers"},
    )
    unfreeze: Unfreeze | None = Field(
        None, description="When frozen layers are trained, too.", json_schema_extra={"control": "text", "frequent": False}
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.run is not None and self.weights is not None:
            raise ValueError("run and weights exclude each other; empty one of them.")
        return self

    @model_serializer
    def _short(self) -> dict[str, Any]:
        """What differs from the defaults; the state stands beside its run."""
        found: dict[str, Any] = {"run": self.run, "state": self.state} if self.run is not None else {}
        others = {"weights": self.weights, "train_last": self.train_last, "unfreeze": self.unfreeze and dict(self.unfreeze)}
        return {**found, **{name: value for name, value in others.items() if value is not None}}
