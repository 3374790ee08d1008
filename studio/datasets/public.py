"""Public datasets by name: downloaded by Keras into its own cache, checked by their hash, and then imported like any other data.

Needs the network the first time. Keras is imported when a set is fetched, never before.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio import runtime
from studio.datasets.errors import DatasetError
from studio.datasets.manifest import Manifest
from studio.datasets.report import Progress
from studio.workspace import Workspace

FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR100 = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus", "butterfly",
    "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup",
    "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower",
    "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
    "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower",
    "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
)  # fmt: skip
HOUSING = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")
"""The columns as Keras documents them ..."""
STATLIB = ("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms", "population", "households", "median_income")
"""... and as the original collection has them; which of the two a file has is seen from its degrees of longitude."""
FIRST_WORD = 3
"""Word numbers in Keras's text sets begin here: 0 to 2 stand for padding, start and words left out."""
WATCH_SECONDS = 0.5
_OFFLINE = (
    "could not be downloaded: there is no way to the internet from here ({reason}). Connect this computer, or begin with a set that comes with "
    "the program, such as digits."
)


@dataclass(frozen=True)
class PublicSet:
    """A dataset that can be downloaded.

    Args:
        megabytes: Size of the download.
        write: Downloads it and writes a file that can be imported into a folder; gives that file.
    """

    title: str
    kind: str
    target: str | None
    summary: str
    megabytes: float
    source: str
    licence: str
    credit: str
    write: Callable[[Path], Path]


def all_sets() -> dict[str, PublicSet]:
    """Every public set by name."""
    return dict(_SETS)


def known_as(name: str) -> str | None:
    """The name of the public set that a person means ("Fashion-MNIST", "CIFAR-10"), or None."""
    plain = "".join(character for character in name.casefold() if character.isalnum())
    return next((each for each in _SETS if each.replace("_", "") == plain), None)


def add(workspace: Workspace, name: str, progress: Progress | None = None) -> Manifest:
    """Downloads a public set, unless Keras has it already, and imports it.

    Raises:
        DatasetError: There is no such set, or it can't be downloaded; the workspace is as before.
    """
    from studio.datasets.store import add_described

    chosen = _SETS[name]
    tell = progress or _silent
    runtime.prepare()
    folder = workspace.incoming / f"public-{name}-{threading.get_native_id()}"
    folder.mkdir(parents=True)
    try:
        with _told(tell, chosen), contextlib.redirect_stdout(io.StringIO()):
            path = _fetched(chosen, folder)
        described = {"name": name, "title": chosen.title, "source": chosen.source, "licence": chosen.licence, "credit": chosen.credit}
        return add_described(workspace, path, described, chosen.target, chosen.kind, lambda done, text: tell(0.5 + done / 2, text))
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def _silent(fraction: float, text: str) -> None:
    """For callers that don't ask how far it is."""


def _fetched(chosen: PublicSet, folder: Path) -> Path:
    try:
        return chosen.write(folder)
    except DatasetError:
        raise
    except Exception as error:  # Keras raises a bare Exception where a download fails
        text = str(error)
        if "URL fetch failure" in text or isinstance(error, OSError):
            reason = text.rpartition("-- ")[2].strip()[:200] or type(error).__name__
            raise DatasetError(f"{chosen.title} {_OFFLINE.format(reason=reason)}") from error
        if "does not match" in text or "hash" in text:
            raise DatasetError(f"{chosen.title} was downloaded, but is not what it should be: its hash differs. Try again later.") from error
        raise


@contextlib.contextmanager
def _told(progress: Progress, chosen: PublicSet) -> Iterator[None]:
    """Tells how much has arrived, by the size of the files that Keras writes."""
    cache = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "datasets"
    before = _bytes_in(cache)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(WATCH_SECONDS):
            arrived = (_bytes_in(cache) - before) / 1e6
            share = min(1.0, arrived / chosen.megabytes)
            progress(0.45 * share, f"Downloading {chosen.title}: {arrived:.0f} of {chosen.megabytes:.0f} MB")

    progress(0.0, f"Downloading {chosen.title} ({chosen.megabytes:.0f} MB)")
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _pictures(module: str, names: tuple[str, ...] | None) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        import keras

        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, module).load_data()
        labels = [np.asarray(names)[y.reshape(-1)] if names else y.reshape(-1) for y in (y_train, y_test)]
        path = folder / f"{module}.npz"
        np.savez(path, x_train=x_train, y_train=labels[0], x_test=x_test, y_test=labels[1])
        return path

    return write


def _texts(module: str, labels: Callable[[Any], tuple[str, ...]]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        import keras

        source = getattr(keras.datasets, module)
        parts = dict(zip(("train", "test"), source.load_data(index_from=FIRST_WORD), strict=True))
        words = {number + FIRST_WORD: word for word, number in source.get_word_index().items()}
        names = labels(source)
        rows = [
            (" ".join(words[number] for number in numbers if number in words), names[int(label)], part)
            for part, (texts, targets) in parts.items()
            for numbers, label in zip(texts, targets, strict=True)
        ]
        return _table(folder / f"{module}.parquet", dict(zip(("text", "label", "split"), zip(*rows, strict=True), strict=True)))

    return write


def _housing(folder: Path) -> Path:
    import keras

    parts = dict(zip(("train", "test"), keras.datasets.california_housing.load_data(version="large"), strict=True))
    inputs = np.concatenate([x for x, _ in parts.values()])
    names = STATLIB if inputs[:, 0].max() < 0 else HOUSING  # all of California lies west of Greenwich
    columns: dict[str, Any] = {name: inputs[:, number] for number, name in enumerate(names)}
    columns["median_house_value"] = np.concatenate([y for _, y in parts.values()])
    columns["split"] = [part for part, (x, _) in parts.items() for _ in range(len(x))]
    return _table(folder / "california_housing.parquet", columns)


def _table(path: Path, columns: dict[str, Any]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({name: list(values) if isinstance(values, tuple) else values for name, values in columns.items()}), path)
    return path


_KERAS = "keras.datasets"
_SETS: dict[str, PublicSet] = {
    "mnist": PublicSet(
        "MNIST", "image-classification", None, "70,000 handwritten digits, grey pictures of 28 x 28 pixels.", 11.5,
        f"{_KERAS}.mnist; http://yann.lecun.com/exdb/mnist/", "CC BY-SA 3.0", "Y. LeCun and C. Cortes (1998)", _pictures("mnist", None),
    ),
    "fashion_mnist": PublicSet(
        "Fashion-MNIST", "image-classification", None, "70,000 pieces of clothing, grey pictures of 28 x 28 pixels, ten classes.", 31.0,
        f"{_KERAS}.fashion_mnist; arXiv:1708.07747", "MIT", "H. Xiao, K. Rasul and R. Vollgraf (2017), Zalando", _pictures("fashion_mnist", FASHION),
    ),
    "cifar10": PublicSet(
        "CIFAR-10", "image-classification", None, "60,000 colour pictures of 32 x 32 pixels, ten classes.", 170.5,
        f"{_KERAS}.cifar10; https://www.cs.toronto.edu/~kriz/cifar.html", "no licence stated; to be cited", "A. Krizhevsky (2009)",
        _pictures("cifar10", CIFAR10),
    ),
    "cifar100": PublicSet(
        "CIFAR-100", "image-classification", None, "60,000 colour pictures of 32 x 32 pixels, a hundred classes.", 169.0,
        f"{_KERAS}.cifar100; https://www.cs.toronto.edu/~kriz/cifar.html", "no licence stated; to be cited", "A. Krizhevsky (2009)",
        _pictures("cifar100", CIFAR100),
    ),
    "imdb": PublicSet(
        "IMDB reviews", "text-classification", "label", "50,000 film reviews, positive or negative.", 19.1,
        f"{_KERAS}.imdb; https://ai.stanford.edu/~amaas/data/sentiment/", "no licence stated; to be cited", "A. Maas et al. (2011)",
        _texts("imdb", lambda source: ("negative", "positive")),  # noqa: ARG005
    ),
    "reuters": PublicSet(
        "Reuters newswires", "text-classification", "label", "11,228 news messages on 46 topics.", 2.7,
        f"{_KERAS}.reuters; Reuters-21578", "free for research, with the name of Reuters and D. Lewis", "D. Lewis, Reuters (1987)",
        _texts("reuters", lambda source: tuple(source.get_label_names())),
    ),
    "california_housing": PublicSet(
        "California housing", "table-regression", "median_house_value", "20,640 districts in eight numbers; the value of a house (USD).", 0.8,
        f"{_KERAS}.california_housing; StatLib", "public domain (1990 U.S. census)", "R. K. Pace and R. Barry (1997)", _housing,
    ),
}  # fmt: skip
