"""What lies beside an export: a client, a README, the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.evaluation.raw import RawModel


def saved_model_client(model: RawModel) -> str:
    """A program of about 20 lines that asks a SavedModel with TensorFlow alone."""
    kinds = {port.kind for port in model.ports}
    if kinds == {"image"} and len(model.ports) == 1:
        return _CLIENT.format(
            usage="client.py PICTURE ...",
            needed="files = sys.argv[1:]",
            raw='{"image": tf.constant([open(file, "rb").read() for file in files])}',
            names="files",
            answer=_answer(model),
        )
    if kinds == {"text"} and len(model.ports) == 1:
        return _CLIENT.format(
            usage='client.py "A sentence" ...',
            needed="sentences = sys.argv[1:]",
            raw='{"text": tf.constant(sentences)}',
            names="sentences",
            answer=_answer(model),
        )
    if kinds == {"columns"}:
        return _TABLE_CLIENT.format(answer=_answer(model))
    shapes = ", ".join(
        f'"{name}": tf.zeros({[size or 1 for size in (1, *spec.shape[1:])]}, "{spec.dtype.name}")'
        for name, spec in model.signature.items()
        if spec.dtype.name != "string"
    )
    shapes += "".join(f', "{name}": tf.constant([""])' for name, spec in model.signature.items() if spec.dtype.name == "string")
    return _CLIENT.format(
        usage="client.py", needed='names = ["sample"]', raw="{" + shapes.removeprefix(", ") + "}", names="names", answer=_answer(model)
    )


def _answer(model: RawModel) -> str:
    if model.head.classes:
        return '    print(name, answer["label"][row].numpy().decode(), f"{float(tf.reduce_max(answer[\'probabilities\'][row])):.3f}")'
    return '    print(name, float(answer["value"][row]))'


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
answer = serve(**{raw})
for row, name in enumerate({names}):
{answer}
'''

_TABLE_CLIENT = '''"""Asks the exported model. Needs TensorFlow alone: pip install tensorflow

python client.py TABLE.csv     (comma-separated, UTF-8, with the column names in the first row)
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
answer = serve.signatures["serving_default"](**inputs)
for row, name in enumerate(range(1, len(rows) + 1)):
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
                f"- {name}: {_described(port.kind, port.dtypes[feature], port.shape)}"
                + (f' - the column "{feature}"' if port.kind == "columns" else "")
            )
    if model.pixels_signature is not None:
        lines += ["", f'Signature "pixels": pixels, uint8 (batch, height, width, {model.ports[0].shape[-1]}), of any size.']
        lines += [
            "",
            "Pictures may be PNG, JPEG, GIF, BMP or WebP. What a camera noted about turning (EXIF) is not followed;",
            "transparent parts of GIFs aren't shown over white.",
        ]
    return "\n".join([*lines, "", _outputs(model)])


def _described(kind: str, dtype: str, shape: tuple[int | None, ...]) -> str:
    if kind == "image":
        return "string, the bytes of a picture file of any size"
    if kind == "text":
        return "string, a text in UTF-8"
    if kind == "columns":
        return "float32, NaN where the value is missing" if dtype == "float32" else 'string, "" where the value is missing'
    return f"{dtype} {tuple(size or 'any' for size in shape)}"


def _outputs(model: RawModel) -> str:
    if model.head.classes:
        return f'Outputs: "label" (string) and "probabilities" (float32, {len(model.head.classes)} numbers in the order of labels.txt).'
    unit = f" in {model.head.target.unit}" if model.head.target.unit else ""
    return f'Output: "value" (float32), {model.head.target.name!r}{unit}.'


def keras_client(model: RawModel) -> str:
    """A program that asks a .keras file with Keras alone."""
    kinds = {port.kind for port in model.ports}
    if kinds == {"image"} and len(model.ports) == 1:
        raw = f"tf.io.decode_image(open(file, 'rb').read(), channels={model.ports[0].shape[-1]}, expand_animations=False)[None]"
        return _KERAS_CLIENT.format(
            usage="client.py PICTURE ...", needed="for file in sys.argv[1:]:", raw=raw, name="file", answer=_keras_answer(model)
        )
    if kinds == {"text"} and len(model.ports) == 1:
        return _KERAS_CLIENT.format(
            usage='client.py "A sentence" ...',
            needed="for text in sys.argv[1:]:",
            raw="tf.constant([text])",
            name="text",
            answer=_keras_answer(model),
        )
    if kinds == {"columns"}:
        return _KERAS_TABLE_CLIENT.format(answer=_keras_answer(model))
    spec = next(iter(model.signature.values()))
    raw = f"tf.zeros({[1, *(size or 1 for size in spec.shape[1:])]})"
    return _KERAS_CLIENT.format(usage="client.py", needed='for name in ["zeros"]:', raw=raw, name="name", answer=_keras_answer(model))


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
            if port.kind == "image":
                lines.append(f"- {'pixels' if name == 'image' else name}: uint8 (batch, height, width, {port.shape[-1]}), of any size, 0 to 255")
            elif kind == "date":
                lines.append(f'- {name}: float64, days since 1970-01-01, NaN where missing - the column "{feature}"')
            else:
                described = _described(port.kind, port.dtypes[feature], port.shape)
                lines.append(f"- {name}: {described}" + (f' - the column "{feature}"' if port.kind == "columns" else ""))
    answer = "probabilities in the order of labels.txt" if model.head.classes else f"{model.head.target.name!r}"
    return "\n".join([*lines, "", f"Output: {answer}, float32."])


def _keras_answer(model: RawModel) -> str:
    if model.head.classes:
        return "print(name, labels[int(answer.argmax())], f'{float(answer.max()):.3f}')"
    return "print(name, float(answer))"


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
    import layers  # those that Keras lacks
model = keras.saving.load_model(folder / "model.keras", compile=False)
names = folder / "labels.txt"
labels = names.read_text("utf-8").splitlines() if names.exists() else []
{needed}
    name, answer = {name}, keras.ops.convert_to_numpy(model({raw}))[0]
    {answer}
'''

_KERAS_TABLE_CLIENT = '''"""Asks the exported model. Needs Keras and TensorFlow: pip install keras tensorflow

python client.py TABLE.csv     (comma-separated, UTF-8, with the column names in the first row; dates as 2024-05-31)
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
    import layers  # those that Keras lacks
model = keras.saving.load_model(folder / "model.keras", compile=False)
names = folder / "labels.txt"
labels = names.read_text("utf-8").splitlines() if names.exists() else []
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
read = {{
    "number": lambda cell: float(cell or "nan"),
    "category": str,
    "date": lambda cell: (datetime.fromisoformat(cell) - datetime(1970, 1, 1)).total_seconds() / 86400 if cell else float("nan"),
}}
inputs = {{}}
for column in json.loads((folder / "columns.json").read_text("utf-8"))["columns"]:
    cells = [read[column["kind"]]((row.get(column["name"]) or "").strip()) for row in rows]
    inputs[column["input"]] = tf.constant(cells, column["dtype"])
for name, answer in enumerate(keras.ops.convert_to_numpy(model(inputs if len(inputs) > 1 else list(inputs.values())[0])), 1):
    {answer}
'''
