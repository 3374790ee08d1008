"""Pictures and their masks: which files belong together, by folders and names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from studio.datasets.readers.pictures import SUFFIXES
from studio.datasets.readers.source import File
from studio.datasets.splits import split_name

_PICTURE_FOLDERS = {"image", "images", "img", "imgs", "input", "inputs", "photo", "photos", "picture", "pictures", "jpegimages", "leftimg8bit"}
_MASK_FOLDERS = {
    "mask", "masks", "annotation", "annotations", "annot", "annots", "segmentation", "segmentations", "segmentationclass",
    "segmentationclassraw", "segmentationclasspng", "seg", "segs", "gt", "gts", "gtfine", "groundtruth", "groundtruths", "label", "labels", "matte",
    "mattes",
}  # fmt: skip
_FURTHER_WORDS = {"png", "jpg", "raw", "class", "bw", "images", "image", "dir", "folder"}
"""Words in the name of a folder that say nothing about pictures or masks."""
_MASK_WORDS = (
    "groundtruth", "ground_truth", "segmentation", "annotation", "labelids", "gtfine_labelids", "labels", "label", "masks", "mask", "matte", "seg",
    "gt", "l",
)  # fmt: skip
_MASK_ALONE = tuple(word for word in _MASK_WORDS if word != "l")
"""Words that tell a mask wherever it lies."""
_PICTURE_WORDS = ("leftimg8bit", "image", "img", "photo", "rgb", "sat")


@dataclass(frozen=True)
class Pair:
    """A picture with its mask, and the split that folders name."""

    picture: File
    mask: File
    split: str | None


@dataclass(frozen=True)
class Found:
    """The pairs of an upload, sorted by the picture's path, and what stayed alone."""

    pairs: list[Pair]
    without_mask: list[File]
    without_picture: list[File]
    twice: list[File]

    @property
    def masks(self) -> int:
        """How many masks there are."""
        return len(self.pairs) + len(self.without_picture) + len(self.twice)


def find_pairs(files: Iterable[File]) -> Found:
    """Pairs of pictures and masks.

    Masks lie in a folder that is named for them (masks, annotations, labels, gt ..., also "train_masks"), or bear a word such as
    _mask at the end (or the beginning) of their name. Picture and mask have the same name but for such words; where names come
    up again in several folders, these must agree, too. Splits are folders, or parts of their names, that mean training ...
    """
    pictures = [file for file in files if file.suffix in SUFFIXES]
    in_folders = [file for file in pictures if _has(file, _is_mask_folder)]
    masks = in_folders or [file for file in pictures if _marked(_stem(file))]
    if not masks:
        return Found([], pictures, [], [])
    chosen = set(masks)
    others = [file for file in pictures if file not in chosen]
    named = [file for file in others if _has(file, _is_picture_folder)]
    others = named or others
    by_path, by_stem = _by(masks, _key), _by(masks, lambda file: (_split(file), _core(_stem(file))))
    lonely, found, used = [], [], set()
    repeated = {key for key, those in _by(others, lambda file: (_split(file), _core(_stem(file)))).items() if len(those) > 1}
    for picture in others:
        stem = (_split(picture), _core(_stem(picture)))
        candidates = by_path.get(_key(picture), []) or ([] if stem in repeated else by_stem.get(stem, []))
        mask = next((each for each in candidates if each not in used), None)
        if mask is None:
            lonely.append(picture)
        else:
            used.add(mask)
            found.append(Pair(picture, mask, _split(picture)))
    has_training = any(pair.split == "train" for pair in found)
    if not has_training:
        found = [Pair(pair.picture, pair.mask, None) for pair in found]
    cores = {_core(_stem(pair.picture)) for pair in found}
    rest = [mask for mask in masks if mask not in used]
    twice = [mask for mask in rest if _core(_stem(mask)) in cores]
    return Found(found, lonely, [mask for mask in rest if mask not in set(twice)], twice)


def has_both_folders(files: Iterable[File]) -> bool:
    """Whether one folder is named for pictures and another one for masks."""
    folders = {part for path in {file.parts[:-1] for file in files} for part in path}
    return any(map(_is_picture_folder, folders)) and any(map(_is_mask_folder, folders))


def _by(files: Sequence[File], key: Callable[[File], tuple[object, ...]]) -> dict[tuple[object, ...], list[File]]:
    found: dict[tuple[object, ...], list[File]] = defaultdict(list)
    for file in files:
        found[key(file)].append(file)
    return found


def _key(file: File) -> tuple[object, ...]:
    """What a picture and its mask have in common: the split, other folders, and the name without such words."""
    folders = tuple(part.casefold() for part in file.parts[:-1] if not (_is_mask_folder(part) or _is_picture_folder(part) or _split_in(part)))
    return _split(file), folders, _core(_stem(file))


def _stem(file: File) -> str:
    return file.parts[-1][: len(file.parts[-1]) - len(file.suffix)]


def _has(file: File, wanted: Callable[[str], bool]) -> bool:
    return any(wanted(part) for part in file.parts[:-1])


def _split(file: File) -> str | None:
    return next((split for part in file.parts[:-1] if (split := _split_in(part))), None)


@lru_cache(maxsize=4096)
def _split_in(folder: str) -> str | None:
    """The split that a folder is named for: "train", "train_masks", "trainannot"."""
    whole = split_name(folder)
    if whole:
        return whole
    words = _words(folder)
    found = [split for word in words if (split := split_name(word))]
    rest = [word for word in words if not split_name(word)]
    if found and all(word in _MASK_FOLDERS | _PICTURE_FOLDERS | _FURTHER_WORDS for word in rest):
        return found[0]
    match = re.fullmatch(r"(train|val|test)(annot|masks?|labels?|images?|gt)", folder.casefold())
    return split_name(match[1]) if match else None


@lru_cache(maxsize=4096)
def _is_mask_folder(folder: str) -> bool:
    return _means(folder, _MASK_FOLDERS) or bool(re.fullmatch(r"(train|val|test)(annot|masks?|labels?|gt)", folder.casefold()))


@lru_cache(maxsize=4096)
def _is_picture_folder(folder: str) -> bool:
    return not _is_mask_folder(folder) and _means(folder, _PICTURE_FOLDERS)


def _means(folder: str, names: set[str]) -> bool:
    """Whether a folder is named by one of the names, alone or with a split or words that say nothing."""
    words = [word for word in _words(folder) if not split_name(word)]
    found = [word for word in words if word in names]
    return "".join(words) in names or (bool(found) and all(word in names | _FURTHER_WORDS for word in words))


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.casefold()) if word]


@lru_cache(maxsize=65_536)
def _core(stem: str) -> str:
    """A name without what tells pictures from masks: "cat_mask", "mask_cat" and "cat_image" are "cat"."""
    name = stem.casefold()
    for words in (_MASK_WORDS, _PICTURE_WORDS):
        cut = _cut(name, words)
        if cut != name:
            return cut
    return name


def _cut(name: str, words: tuple[str, ...]) -> str:
    if not _somewhere(words).search(name):
        return name
    for word in sorted(words, key=len, reverse=True):
        for pattern in (rf"(.+?)[-_. ]+{word}", rf"{word}[-_. ]+(.+)"):
            match = re.fullmatch(pattern, name)
            if match:
                return match[1]
    return name


@lru_cache
def _somewhere(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of the words at the end or the beginning of a name."""
    either = "|".join(words)
    return re.compile(rf"[-_. ](?:{either})$|^(?:{either})[-_. ]")


def _marked(stem: str) -> bool:
    """Whether a name says that it is a mask."""
    return _cut(stem.casefold(), _MASK_ALONE) != stem.casefold()
