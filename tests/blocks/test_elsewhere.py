"""Every block's layer leaves the program: saved as .keras with its own layers beside it, it is loaded where these packages are not."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import blocks
import blocks.layers
from blocks.base import LayerBlock
from blocks.code import own_layers, own_source
from tests.blocks.block_checks import as_list
from tests.blocks.samples import fed, graph_of, inputs_for, params_for, values_for

LOADER = """
import json, os, pathlib, runpy, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("blocks", "presets", "studio"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import keras
import numpy as np

folder = pathlib.Path(sys.argv[1])
runpy.run_path(str(folder / "layers.py"))
texts = json.loads((folder / "texts.json").read_text())
wrong = {}
for path in sorted(folder.glob("*.keras")):
    try:
        model = keras.saving.load_model(path, compile=False)
        names = [tensor.name for tensor in model.inputs]
        given = np.load(path.with_suffix(".npz"))
        values = {name: keras.ops.convert_to_tensor(given[f"in_{name}"] if f"in_{name}" in given.files else texts[path.stem][name]) for name in names}
        answer = model(values if isinstance(model.input, dict) else next(iter(values.values())), training=False)
        answers = list(answer.values()) if isinstance(answer, dict) else list(answer) if isinstance(answer, (list, tuple)) else [answer]
        difference = max(float(np.abs(keras.ops.convert_to_numpy(each) - given[f"out_{n}"]).max(initial=0)) for n, each in enumerate(answers))
        if not difference <= 1e-5:
            wrong[path.stem] = f"differs by {difference}"
    except Exception as error:
        wrong[path.stem] = f"{type(error).__name__}: {error}"[:300]
print(json.dumps(wrong))
"""


@pytest.mark.slow
def test_every_block_is_loaded_without_this_program(tmp_path: Path) -> None:
    own: dict[type, None] = {}
    texts: dict[str, dict[str, Any]] = {}
    for name, block in blocks.all().items():
        if name in ("Input", "Output") or (issubclass(block, LayerBlock) and (block.takes_table or block.augmentation)):
            continue  # tables leave as layers of Keras alone, augmentation is no part of a network
        specs = inputs_for(block)[-1]
        values = values_for(specs)
        model = blocks.build(graph_of(name, params_for(block, specs), specs))
        own |= dict.fromkeys(own_layers(model))
        model.save(tmp_path / f"{name}.keras")
        arrays = {f"out_{number}": np.asarray(output) for number, output in enumerate(as_list(model(fed(values), training=False)))}
        for number, (spec, value) in enumerate(zip(specs, values, strict=True)):
            if spec.dtype == "string":
                texts.setdefault(name, {})[f"input{number}"] = [text.decode() for text in np.asarray(value).tolist()]
            else:
                arrays[f"in_input{number}"] = np.asarray(value)
        np.savez(tmp_path / f"{name}.npz", **arrays)  # type: ignore[arg-type]
    imports, sources = own_source(own)
    (tmp_path / "layers.py").write_text("\n\n".join([imports, *sources]) + "\n", "utf-8")
    (tmp_path / "texts.json").write_text(json.dumps(texts), "utf-8")
    done = subprocess.run([sys.executable, "-c", LOADER, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_no_two_modules_of_own_layers_have_a_name_in_common() -> None:
    """Their texts stand one behind the other where they are copied to: a second name would take the first one's place."""
    places: dict[str, list[str]] = {}
    for path in sorted(Path(blocks.layers.__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            else:
                names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
            for name in names:
                places.setdefault(name, []).append(path.name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
