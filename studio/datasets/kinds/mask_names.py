"""Names of classes in a text file beside masks: a list, a list with numbers, or one with colours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.datasets.readers.source import File, Source, UnreadableError
from studio.datasets.report import Report

FILES = {
    "classes", "class", "labels", "label", "names", "classnames", "labelnames", "labelmap", "classdict", "labelcolors", "labelcolours", "colors",
    "colours", "colormap", "obj",
}  # fmt: skip
SUFFIXES = {".txt", ".csv", ".tsv", ".names"}
_LARGEST = 1_000_000
_ALONE = {"name", "class", "classes", "label", "labels"}
"""What may stand alone at the head of a list."""
_HEAD = {"name", "class", "label", "id", "r", "g", "b", "red", "green", "blue", "color", "colour", "index", "color_rgb", "parts", "actions"}


@dataclass(frozen=True)
class Entry:
    """A line of such a file.

    Args:
        number: The value that means the class in masks; None where the line does not say.
        colour: The colour that means it.
    """

    name: str
    number: int | None = None
    colour: int | None = None


@dataclass(frozen=True)
class Names:
    """What a file calls the classes.

    Args:
        file: Its path; "" where there is none.
    """

    file: str = ""
    entries: tuple[Entry, ...] = ()

    def reach(self, number: int) -> bool:
        """Whether a class of that number is named."""
        return number < len(self.entries) or any(entry.number == number for entry in self.entries)

    def of(self, keys: Sequence[int], colours: Mapping[int, int], report: Report) -> tuple[str, ...] | None:
        """A name for every class; None where the file does not name all of them.

        Args:
            keys: What the classes are known by, in order: numbers, or colours.
            colours: The colours of classes that bring one.
        """
        if not self.entries:
            return None
        found = self._by_colour(keys, colours) or self._by_number(keys)
        if found is None:
            report.note(f"{self.file} names {len(self.entries)} classes, but the masks have {len(keys)}; it was passed over.")
            return None
        return tuple(name if found.index(name) == place else f"{name} ({place})" for place, name in enumerate(found))

    def _by_colour(self, keys: Sequence[int], colours: Mapping[int, int]) -> list[str] | None:
        named = {entry.colour: entry.name for entry in self.entries if entry.colour is not None}
        found = [named.get(colours.get(key, key)) for key in keys]
        return [name for name in found if name] if all(found) else None

    def _by_number(self, keys: Sequence[int]) -> list[str] | None:
        numbered = {entry.number: entry.name for entry in self.entries if entry.number is not None}
        if numbered:
            found = [numbered.get(key) for key in keys]
            return [name for name in found if name] if all(found) else None
        plain = [entry.name for entry in self.entries]
        if max(keys) < len(plain):
            return [plain[key] for key in keys]
        if len(plain) == len(keys) and (len(keys) == 2 or max(keys) <= 255):
            return plain
        return ["background", *(plain[key - 1] for key in keys[1:])] if keys[0] == 0 and max(keys) <= len(plain) else None


def is_names(file: File) -> bool:
    """Whether a file may name classes."""
    stem = re.sub(r"[\W_]+", "", file.path.rpartition("/")[2].removesuffix(file.suffix).casefold())
    return file.suffix in SUFFIXES and stem in FILES and file.size <= _LARGEST


def read_names(source: Source) -> Names:
    """The names that an upload brings: from the outermost of such files."""
    for file in sorted(filter(is_names, source.files), key=lambda file: (len(file.parts), file.path)):
        try:
            text = source.read(file).decode("utf-8-sig")
        except (UnreadableError, UnicodeDecodeError):
            continue
        entries = tuple(entry for line in text.splitlines() if (entry := read_entry(line)) is not None)
        if entries:
            return Names(file.path, entries)
    return Names()


def read_entry(line: str) -> Entry | None:
    """A line: "road", "1 road", "1: road", "road,128,64,128", "128 64 128 road", "road:128,64,128::"."""
    if not line.strip() or line.lstrip().startswith("#"):
        return None
    words = [word for word in re.split(r"[\s,;:|]+", line.strip().strip('"')) if word]
    if not words or ({word.casefold() for word in words} <= _HEAD and (len(words) > 1 or words[0].casefold() in _ALONE)):
        return None
    for start in range(len(words) - 2):
        three = words[start : start + 3]
        if all(word.isdecimal() and int(word) <= 255 for word in three):
            name = " ".join(word for word in words[:start] + words[start + 3 :] if not word.isdecimal()).strip('"')
            red, green, blue = map(int, three)
            return Entry(name[:80], colour=red << 16 | green << 8 | blue) if name else None
    if words[0].isdecimal() and len(words) > 1:
        return Entry(" ".join(words[1:])[:80], number=int(words[0]))
    if words[-1].isdecimal() and len(words) > 1 and re.search(r"[,;:|\t]", line):
        return Entry(" ".join(words[:-1])[:80], number=int(words[-1]))
    return Entry(line.strip().strip('"').strip()[:80])
