"""Which text encoding bytes are written in."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

SAMPLE_BYTES = 1 << 20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")
_SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r")


@dataclass(frozen=True)
class Encoding:
    """An encoding's Python name, and whether it is certain (marked, or nothing else fits)."""

    name: str
    certain: bool


def detect(stream: BinaryIO) -> Encoding:
    """The encoding of a text stream, which is read to its end if need be.

    A byte order mark decides; then what is valid UTF-8 throughout is UTF-8; then zero bytes tell UTF-16; what is left is
    guessed from the first megabyte.
    """
    head = stream.read(SAMPLE_BYTES)
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return Encoding(name, True)
    wide = _wide(head)
    if wide:
        return Encoding(wide, True)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        block = head
        while block:
            decoder.decode(block)
            block = stream.read(SAMPLE_BYTES)
        decoder.decode(b"", final=True)
        return Encoding("utf-8", True)
    except UnicodeDecodeError:
        pass
    sample = head if any(byte > 127 for byte in head) else block
    return Encoding(guess(sample), False)


def guess(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8."""
    from charset_normalizer import from_bytes

    scores = {name: score for name in _EAST_ASIAN if (score := _east_asian_score(sample, name)) > 0}
    if scores:
        best = max(scores, key=lambda name: (round(scores[name], 2), name == "euc_kr"))  # Hangul and Chinese share bytes
        if scores[best] >= 0.6:
            return best
    found = from_bytes(sample[:100_000], cp_isolation=list(_SINGLE_BYTE)).best()
    if found is None or found.encoding not in _SINGLE_BYTE:
        return "cp1252"
    western = _western_score(sample)
    return "cp1252" if western >= 0.9 else found.encoding


def _wide(head: bytes) -> str | None:
    sample = head[:4096]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.3 * len(sample) / 2 and even < 0.1 * odd:
        return "utf-16-le"
    if even > 0.3 * len(sample) / 2 and odd < 0.1 * even:
        return "utf-16-be"
    return None


def _east_asian_score(sample: bytes, encoding: str) -> float:
    """Share of the letters beyond ASCII that are common ones of the scripts that the encoding is for; 0 if it does not fit at all."""
    text = _decoded(sample, encoding)
    if text is None:
        return 0.0
    beyond = [character for character in text if ord(character) > 127]
    if not beyond:
        return 0.0
    return sum(_commonness(character, encoding) for character in beyond) / len(beyond)


def _commonness(character: str, encoding: str) -> float:
    code = ord(character)
    if 0x3000 <= code <= 0x303F or 0xFF01 <= code <= 0xFF5E:
        return 0.8
    if encoding in ("shift_jis", "euc_jp"):
        if 0x3040 <= code <= 0x30FF:
            return 1.0
        return 0.7 if _first_level(character, "gb2312") or _first_level(character, "euc_jp") else 0.1
    if encoding == "euc_kr":
        return 1.0 if 0xAC00 <= code <= 0xD7A3 else 0.05
    if encoding == "big5":
        return 0.95 if 0x4E00 <= code <= 0x9FFF and _first_level(character, "big5") else 0.1
    return 1.0 if 0x4E00 <= code <= 0x9FFF and _first_level(character, "gb2312") else 0.15


def _first_level(character: str, encoding: str) -> bool:
    """Whether a Han character is among the frequent half of a national standard (its lower code rows)."""
    try:
        code = character.encode(encoding)
    except UnicodeEncodeError:
        return False
    if len(code) != 2:
        return False
    bounds = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "euc_jp": (0xB0, 0xCF)}[encoding]
    return bounds[0] <= code[0] <= bounds[1]


def _western_score(sample: bytes) -> float:
    text = _decoded(sample, "cp1252")
    if text is None:
        return 0.0
    beyond = [(before, character) for before, character in zip(" " + text, text, strict=False) if ord(character) > 127]
    if not beyond:
        return 1.0
    usual = set("äöüÄÖÜßéèêëàâáãåæçñóòôõøœúùûíìîïÉÈÀÂÇÑÓÁÍÚÅØÆ€£§°±²³µ·«»“”„‘’–—…©®½¼¿¡ºªýÿ")
    good = sum(character in usual and not (before.islower() and character.isupper()) for before, character in beyond)
    alone = sum(1 for first, second in pairwise(text) if ord(first) > 191 and ord(second) > 191)
    return good / len(beyond) - 0.5 * alone / len(beyond)


def _decoded(sample: bytes, encoding: str) -> str | None:
    """The sample as text; a last character that is cut off is no fault."""
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 4 - cut:
                return None
    return None


def file_name(entry: zipfile.ZipInfo) -> str:
    """The name of a zip entry; names without the UTF-8 mark are taken for UTF-8 or the encoding that fits (Windows writes its own)."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030") if _east_asian_score(raw, "gb18030") >= 0.6 else entry.filename
