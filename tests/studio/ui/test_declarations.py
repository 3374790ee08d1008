"""Every text of a declaration that the Train, Model and Data pages show has a Chinese translation, and none is left over."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import blocks
import presets
from blocks.base import wrong_count
from studio.datasets import builtin
from studio.recipe import Training
from studio.settings import losses, metrics, optimizers, schedules
from studio.settings.transfer import Transfer, Unfreeze
from studio.ui import forms, imports, network_view, words

ROOT = Path(__file__).parents[3]
FILE = Path(words.__file__).parent / "zh-CN.declarations.json"
WORDS = words.catalogue("zh-CN")


@cache
def catalogue() -> dict[str, str]:
    content: dict[str, str] = json.loads(FILE.read_text("utf-8"))
    return content


def of_fields(fields: Iterable[dict[str, Any]]) -> Iterator[str]:
    for field in fields:
        for kind, key in (("label", f"field.{field['name']}"), ("help", f"help.{field['name']}"), ("unit", f"unit.{field['unit']}")):
            if field[kind] and key not in WORDS:
                yield field[kind]


def of_declaration(told: dict[str, Any], *, title: bool = True) -> Iterator[str]:
    """Its title, what it does and when to use it, and its fields; formulas and sources are the same in every language."""
    if title:
        yield told["title"]
    yield from (told[part] for part in ("summary", "usage") if told[part])
    yield from of_fields(told["fields"])


def train_page() -> Iterator[str]:
    for part in (Training, Transfer, Unfreeze):
        yield from of_fields(forms.fields(part))
    for registry in (optimizers, schedules, losses, metrics):
        for name, each in registry.all().items():
            yield from of_declaration(forms.described(name, each))


def model_page() -> Iterator[str]:
    for name, family in presets.families().items():
        yield from of_declaration(forms.described(name, family))
    for each in network_view.block_forms().values():
        yield from of_declaration(each, title=False)  # blocks keep the names that they have in Keras
    for members in network_view.setting_forms().values():
        for each in members.values():
            yield from of_declaration(each, title=False)


def data_page() -> Iterator[str]:
    yield from of_fields(imports.option_fields())
    for each in builtin.all_sets().values():
        yield from (each.title, each.summary)


def shown() -> set[str]:
    return {*train_page(), *model_page(), *data_page()}


def test_every_declaration_is_translated() -> None:
    missing = sorted(shown() - catalogue().keys())
    assert missing == [], f"add these to {FILE.name}"


def test_a_new_declaration_would_be_missed() -> None:
    told = {
        "title": "Brand new",
        "summary": "Does what nothing did.",
        "usage": "",
        "fields": [{"name": "new", "label": "New", "help": "Helps.", "unit": ""}],
    }
    assert set(of_declaration(told)) - catalogue().keys() == {"Brand new", "Does what nothing did.", "New", "Helps."}


def test_values_keep_their_places() -> None:
    wrong = [english for english, text in catalogue().items() if sorted(places(english)) != sorted(places(text))]
    assert wrong == []


def places(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def test_no_sentence_is_given_twice() -> None:
    pairs = json.loads(FILE.read_text("utf-8"), object_pairs_hook=list)
    assert [key for key, count in Counter(key for key, _ in pairs).items() if count > 1] == []


def test_sentences_with_values_are_those_that_the_program_writes() -> None:
    """A sentence that was worded anew would silently stay English: what is left of its places must stand in the sources."""
    written, declared = sources(), shown()
    stale = [
        english
        for english in catalogue()
        if english not in declared and any(len(part) > 12 and part.rstrip(".") not in written for part in re.split(r"\{\w+\}", english.strip()))
    ]
    assert stale == []


IMPORT = (*(ROOT / "blocks/importing").glob("*.py"), *(ROOT / "studio/networks/keras_import").glob("*.py"), ROOT / "studio/networks/imported.py")
VALUE = "§"


def import_sentences() -> set[str]:
    """What the import of a network can say, with a sign where a value stands: every text of its modules that has several words."""
    trees = [ast.parse(path.read_text("utf-8")) for path in IMPORT]
    names = {
        node.targets[0].id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
    }

    def texts(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else value(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):  # a docstring
            for inner in ast.iter_child_nodes(node):
                yield from texts(inner)

    def value(part: ast.expr) -> str:
        found = names.get(part.value.id) if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) else None
        if isinstance(found, str):
            beginnings.add(found)
        return found if isinstance(found, str) else VALUE

    beginnings: set[str] = set()
    found = {text for tree in trees for text in texts(tree)}
    return {text for text in found - beginnings if len(re.findall(r"[A-Za-z]{2,}", text)) > 1 and re.match(r"\S+ ", text)}


@cache
def patterns() -> list[re.Pattern[str]]:
    """The entries with places as the page tries them: what says most itself first (`studio/ui/web/src/studio/translate.ts`)."""
    found = []
    for english in sorted(catalogue(), key=lambda text: len(re.sub(r"\{\w+\}", "", text)), reverse=True):
        parts = re.split(r"\{(\w+)\}", english)
        if len(parts) > 1:
            found.append("".join(place(part) if number % 2 else re.escape(part) for number, part in enumerate(parts)))
    return [re.compile(each) for each in found]


def place(name: str) -> str:
    """What a value may be: a count is made of digits."""
    return rf"([\d,.{VALUE}]+%?)" if name == "count" else r"((?:(?![.!?] )[\s\S])+?)"


def is_known(text: str) -> bool:
    """Whether the page translates all of a sentence."""
    if text in catalogue() or not re.search("[a-z]", text):
        return True
    match = next((found for pattern in patterns() if (found := pattern.fullmatch(text))), None)
    return match is not None and all(is_known(value) for value in match.groups())


def test_every_sentence_of_an_import_is_translated() -> None:
    sentences = {each for text in import_sentences() for each in re.split(r"(?<=[.!?]) ", re.sub(r"^(\w+|§): ", "", text))}
    assert sorted(each for each in sentences if not is_known(each) and not is_known(f"{each}.")) == [], f"add these to {FILE.name}"
    assert len(sentences) > 80
    assert not is_known("it holds something new.")


def test_every_sentence_about_the_number_of_inputs_is_translated() -> None:
    arities = {block.arity for block in blocks.all().values()}
    found = [wrong_count(given, *arity) for arity in arities for given in range(6)]
    assert [each for said in found if said for each in said if not is_known(each)] == []
    assert wrong_count(2, 1, 1) == (
        "It needs one input, but 2 are connected.",
        "Remove edges until one is left, or merge them with Concatenate or Add.",
    )
    assert {(1, 1), (0, 0), (2, 2), (2, None)} <= arities


def sources() -> str:
    """Every text of the packages, with the values of f-strings left out."""
    texts: list[str] = []
    for package in ("blocks", "presets", "studio"):
        for path in sorted((ROOT / package).rglob("*.py")):
            texts += [
                node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    texts += [path.read_text("utf-8") for path in sorted((ROOT / "studio/ui/web/src").rglob("*.ts"))]
    return "\n".join(texts)
