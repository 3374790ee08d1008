"""What all answers have in common that are texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Prediction
from studio.evaluation.result import Example
from studio.settings.spelling import distance

if TYPE_CHECKING:
    from studio.evaluation.opened import Opened

MOST_EXAMPLES = 50
OTHER_SHARE = 0.01
"""Share of the texts in which an export may differ: where two tokens are equally likely, the last digit of a sum decides."""


class Spelling(Answering):
    """Texts, and how probable they are."""

    main: ClassVar[str] = "text"
    searches: ClassVar[bool] = True
    imported: ClassVar[bool] = True

    def difference(self, found: Any, expected: Any) -> float:
        said = [text.decode() if isinstance(text, bytes) else text for text in found]
        if len(said) != len(expected):
            return float("inf")
        share = sum(one != other for one, other in zip(said, expected, strict=True)) / max(1, len(said))
        return share if share > OTHER_SHARE else 0.0

    def spelled(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray, sure: np.ndarray) -> Facts:
        """Facts of true and written texts, the worst ones first.

        Args:
            sure: How probable the written ones are.
        """
        wrong = np.array([distance(one, other) for one, other in zip(truth, said, strict=True)], dtype=np.int32)
        rate = wrong / np.maximum(1, [len(text) for text in truth])
        order = np.lexsort((-wrong, -rate))
        worst = [place for place in order[:MOST_EXAMPLES].tolist() if wrong[place]]
        facts: dict[str, Any] = {
            "examples": [
                Example(
                    row=int(rows[place]), place=place,
                    scores={"character_errors": float(wrong[place]), "character_error_rate": float(rate[place]), "probability": float(sure[place])},
                )
                for place in worst
            ],
            "details": {"wrong": int((wrong > 0).sum()), "one_character": int((wrong == 1).sum())},
        }  # fmt: skip
        kept = {"truth": np.array(truth.tolist(), dtype=np.str_), "said": np.array(said.tolist(), dtype=np.str_)}
        return facts, {"rows": rows, **kept, "wrong": wrong, "probability": sure.astype(np.float32)}

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        found = []
        for place, name in enumerate(names):
            details: dict[str, Any] = {"probability": float(outputs["probability"][place])}
            if "alternatives" in outputs:
                pairs = zip(outputs["alternatives"][place], outputs["alternative_probabilities"][place], strict=True)
                details["alternatives"] = [{"text": text.decode(), "probability": float(sure)} for text, sure in pairs if sure > 0]
            found.append(Prediction(name, text=outputs["text"][place].decode(), details=details))
        return found

    def printed(self) -> str:
        return '    print(name, "->", answer["text"][row].numpy().decode(), f"{float(answer[\'probability\'][row]):.3f}")'

    def companions(self, opened: Opened) -> dict[str, str]:  # noqa: ARG002 - the vocabulary is within the model
        return {}
