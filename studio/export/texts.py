"""What lies beside an export: a client, a README, the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.evaluation import asking
from studio.evaluation.names import identifiers

if TYPE_CHECKING:
    from studio.evaluation.raw import RawModel


def outputs_of(model: RawModel) -> dict[str, str]:
    """The names of a .keras file's outputs: "outputs" of the only one, or else an identifier for each target."""
    if len(model.heads) == 1:
        return {"": "outputs"}
    names = identifiers([head.target.name for head in model.heads.values()])
    return {prefix: names[head.target.name] for prefix, head in model.heads.items()}


def _printed(model: RawModel, names: str) -> str:
    """The loops of a client that print what each output says to the samples."""
    first, *others = model.heads.items()
    lines = [f"for row, name in enumerate({names}):", first[1].answering.printed()]
    if others:
        lines.insert(0, f"print({first[1].target.name!r})")
    for prefix, head in others:
        lines += [
            f"print({head.target.name!r})",
            f'answer = {{name[{len(prefix)}:]: values for name, values in answers.items() if name.startswith("{prefix}")}}',
            f"for row, name in enumerate({names}):",
            head.answering.printed(),
        ]
    return "\n".join(lines)


def _explained(model: RawModel) -> str:
    """The outputs in words."""
    first, *others = model.heads.items()
    lines = [first[1].answering.explained()]
    if others:
        lines[0] = f"Target {first[1].target.name!r}. {lines[0]}"
    for prefix, head in others:
        lines.append(f'Target {head.target.name!r}; the names of its outputs and files begin with "{prefix}". {head.answering.explained()}')
    return "\n".join(lines)


def _printed_whole(model: RawModel, indent: str) -> str:
    """The lines of a client of a .keras file that print what each output gives for the sample `name`; `given` and `place` are at hand."""
    lines = []
    for prefix, name in outputs_of(model).items():
        values = "given" if len(model.heads) == 1 else f'given["{name}"]'
        lines.append(f'answer, labels = keras.ops.convert_to_numpy({values})[place], labels_in("{prefix}labels.txt")')
        lines.append(model.heads[prefix].answering.printed_whole())
    return "\n".join(indent + line for line in lines)


def _further(model: RawModel) -> str:
    """Lines of a client for tables that read the inputs which are no columns of numbers or categories: files that a column names, and texts."""
    lines = []
    for port in model.ports:
        if port.kind == "columns":
            continue
        feature, asker = next(iter(port.names)), asking.of(port.kind)
        if asker.encoded:
            endings = tuple(sorted(asker.suffixes))
            lines += [
                f"beside, endings = pathlib.Path(sys.argv[1]).parent, {endings}",
                "files = sys.argv[2] if len(sys.argv) > 2 else next(name for name, cell in rows[0].items() if cell.lower().endswith(endings))",
                f'inputs["{port.name}"] = tf.constant([(beside / row[files]).read_bytes() for row in rows])',
            ]
        else:
            lines.append(f'inputs["{port.name}"] = tf.constant([row[{feature!r}] for row in rows])')
    return "\n".join(lines) + "\n" if lines else ""


def _takes_files(model: RawModel) -> bool:
    """Whether a sample is several files and nothing else."""
    return len(model.ports) > 1 and all(asking.of(port.kind).encoded for port in model.ports)


def _files_usage(model: RawModel) -> str:
    return " ".join(["client.py", *(port.name.upper() for port in model.ports), "..."])


def _read_files(model: RawModel) -> dict[str, str]:
    """How a client reads as many files for each sample as the model has inputs."""
    count = len(model.ports)
    read = [f'"{port.name}": tf.constant([open(file, "rb").read() for file in files[{place}]])' for place, port in enumerate(model.ports)]
    needed = f'files = [sys.argv[1 + place :: {count}] for place in range({count})]\nnames = [" + ".join(sample) for sample in zip(*files)]'
    return {"needed": needed, "raw": "{" + ", ".join(read) + "}"}


def _read_files_layered(model: RawModel) -> dict[str, str]:
    """The same for a client of a .keras file, which takes one sample after the other."""
    read = []
    for place, port in enumerate(model.ports):
        asker = asking.of(port.kind)
        known = asker.usage_layered(port)
        value = f"(lambda {known.names}: {known.raw})(files[{place}])" if known else "tf.zeros([1])"
        read.append(f'"{asker.name_layered(port)}": {value}')
    return {
        "needed": f"for files in zip(*[iter(sys.argv[1:])] * {len(model.ports)}):",
        "raw": "{" + ", ".join(read) + "}",
        "name": '" + ".join(files)',
    }


def saved_model_client(model: RawModel) -> str:
    """A program of about 20 lines that asks a SavedModel with TensorFlow alone."""
    kinds = {port.kind for port in model.ports}
    known = asking.of(model.ports[0].kind).usage(model.ports[0]) if len(model.ports) == 1 else None
    if known:
        return _CLIENT.format(usage=known.usage, needed=known.needed, raw=known.raw, answer=_printed(model, known.names))
    if _takes_files(model):
        return _CLIENT.format(usage=_files_usage(model), **_read_files(model), answer=_printed(model, "names"))
    if "columns" in kinds:
        usage = "TABLE.csv" if len(model.ports) == 1 else "TABLE.csv [COLUMN OF FILE NAMES]"
        return _TABLE_CLIENT.format(usage=usage, further=_further(model), answer=_printed(model, "range(1, len(rows) + 1)"))
    shapes = ", ".join(
        f'"{name}": tf.zeros({[size or 1 for size in (1, *spec.shape[1:])]}, "{spec.dtype.name}")'
        for name, spec in model.signature.items()
        if spec.dtype.name != "string"
    )
    shapes += "".join(f', "{name}": tf.constant([""])' for name, spec in model.signature.items() if spec.dtype.name == "string")
    return _CLIENT.format(
        usage="client.py",
        needed='names = ["sample"]',
        raw="{" + shapes.removeprefix(", ") + "}",
        answer=_printed(model, "names"),
    )


_CLIENT = '''"""Asks the exported model. Needs TensorFlow alone: pip install tensorflow

python {usage}
"""

import pathlib
import sys

import tensorflow as tf

folder = pathlib.Path(__file__).parent
model = tf.saved_model.load(str(folder))
serve = model.signatures["serving_default"]
{needed}
answer = answers = serve(**{raw})
{answer}
'''

_TABLE_CLIENT = '''"""Asks the exported model. Needs TensorFlow alone: pip install tensorflow

python client.py {usage}     (comma-separated, UTF-8, with the column names in the first row)
"""

import csv
import json
import pathlib
import sys

import tensorflow as tf

folder = pathlib.Path(__file__).parent
columns = json.loads((folder / "columns.json").read_text("utf-8"))["columns"]
serve = tf.saved_model.load(str(folder))
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
inputs = {{}}
for column in columns:
    cells = [(row.get(column["name"]) or "").strip() for row in rows]
    number = column["dtype"] == "float32"
    inputs[column["input"]] = tf.constant([float(cell or "nan") for cell in cells] if number else cells, column["dtype"])
{further}answer = answers = serve.signatures["serving_default"](**inputs)
{answer}
'''


def saved_model_explained(model: RawModel) -> str:
    """Signatures in words."""
    lines = [
        "SavedModel, to be loaded with tf.saved_model.load (TensorFlow alone).",
        "",
        'Signature "serving_default", every input with the batch axis first:',
    ]
    for port in model.ports:
        for feature, name in port.names.items():
            lines.append(
                f"- {name}: {asking.of(port.kind).described(port, feature)}" + (f' - the column "{feature}"' if port.kind == "columns" else "")
            )
    if model.plain is not None:
        lines += ["", *model.plain.explained]
    return "\n".join([*lines, "", _explained(model)])


def keras_client(model: RawModel) -> str:
    """A program that asks a .keras file with Keras alone."""
    kinds = {port.kind for port in model.ports}
    known = asking.of(model.ports[0].kind).usage_layered(model.ports[0]) if len(model.ports) == 1 else None
    if known:
        return _KERAS_CLIENT.format(usage=known.usage, needed=known.needed, raw=known.raw, name=known.names, answer=_printed_whole(model, "    "))
    if _takes_files(model):
        return _KERAS_CLIENT.format(usage=_files_usage(model), **_read_files_layered(model), answer=_printed_whole(model, "    "))
    if "columns" in kinds:
        usage = "TABLE.csv" if len(model.ports) == 1 else "TABLE.csv [COLUMN OF FILE NAMES]"
        return _KERAS_TABLE_CLIENT.format(usage=usage, further=_further_layered(model), answer=_printed_whole(model, "    "))
    spec = next(iter(model.signature.values()))
    raw = f"tf.zeros({[1, *(size or 1 for size in spec.shape[1:])]})"
    return _KERAS_CLIENT.format(usage="client.py", needed='for name in ["zeros"]:', raw=raw, name="name", answer=_printed_whole(model, "    "))


def _further_layered(model: RawModel) -> str:
    """Lines of a client of a .keras file for tables that read a row's other inputs: files that a column names, and texts."""
    lines = []
    for port in model.ports:
        if port.kind == "columns":
            continue
        feature, asker = next(iter(port.names)), asking.of(port.kind)
        known = asker.usage_layered(port)
        if known and asker.encoded:
            lines += [
                f"    endings = {tuple(sorted(asker.suffixes))}",
                "    files = sys.argv[2] if len(sys.argv) > 2 else next(name for name, cell in row.items() if cell.lower().endswith(endings))",
                f"    {known.names} = str(pathlib.Path(sys.argv[1]).parent / row[files])",
                f'    inputs["{asker.name_layered(port)}"] = {known.raw}',
            ]
        else:
            lines.append(f'    inputs["{port.name}"] = tf.constant([row[{feature!r}]])')
    return "\n".join(lines) + "\n" if lines else ""


def keras_explained(model: RawModel) -> str:
    """Inputs and output in words."""
    lines = [
        "A .keras file, to be loaded with keras.saving.load_model (Keras with TensorFlow; no code of anybody else).",
        "If layers.py lies beside it, import that first: it holds the layers that Keras lacks.",
        "",
        "Inputs, with the batch axis first:",
    ]
    for port in model.ports:
        for feature, name in port.names.items():
            kind = next((each.kind for each in model.opened.features if each.name == feature), "")
            if kind == "date":
                lines.append(f'- {name}: float64, days since 1970-01-01, NaN where missing - the column "{feature}"')
            else:
                described = asking.of(port.kind).described_layered(port, feature)
                called = name if port.kind == "columns" else asking.of(port.kind).name_layered(port)
                lines.append(f"- {called}: {described}" + (f' - the column "{feature}"' if port.kind == "columns" else ""))
    if len(model.heads) == 1:
        return "\n".join([*lines, "", f"Output: {model.head.answering.explained_whole()}, float32."])
    said = [f'- "{name}": {model.heads[prefix].answering.explained_whole()}, float32' for prefix, name in outputs_of(model).items()]
    return "\n".join([*lines, "", "Outputs, a dictionary:", *said])


_KERAS_CLIENT = '''"""Asks the exported model. Needs Keras and TensorFlow: pip install keras tensorflow

python {usage}
"""

import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf

folder = pathlib.Path(__file__).parent
if (folder / "layers.py").exists():
    sys.path.insert(0, str(folder))
    import layers  # those that Keras lacks
model = keras.saving.load_model(folder / "model.keras", compile=False)


def labels_in(file):
    return (folder / file).read_text("utf-8").splitlines() if (folder / file).exists() else []


{needed}
    name, given, place = {name}, model({raw}), 0
{answer}
'''

_KERAS_TABLE_CLIENT = '''"""Asks the exported model. Needs Keras and TensorFlow: pip install keras tensorflow

python client.py {usage}     (comma-separated, UTF-8, with the column names in the first row; dates as 2024-05-31)
"""

import csv
import json
import os
import pathlib
import sys
from datetime import datetime

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf

folder = pathlib.Path(__file__).parent
if (folder / "layers.py").exists():
    sys.path.insert(0, str(folder))
    import layers  # those that Keras lacks
model = keras.saving.load_model(folder / "model.keras", compile=False)


def labels_in(file):
    return (folder / file).read_text("utf-8").splitlines() if (folder / file).exists() else []


rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
read = {{
    "number": lambda cell: float(cell or "nan"),
    "category": str,
    "words": str,
    "date": lambda cell: (datetime.fromisoformat(cell) - datetime(1970, 1, 1)).total_seconds() / 86400 if cell else float("nan"),
}}
columns = json.loads((folder / "columns.json").read_text("utf-8"))["columns"]
for name, row in enumerate(rows, 1):
    inputs, place = {{}}, 0
    for column in columns:
        inputs[column["input"]] = tf.constant([read[column["kind"]]((row.get(column["name"]) or "").strip())], column["dtype"])
{further}    given = model(inputs if len(inputs) > 1 else list(inputs.values())[0])
{answer}
'''
