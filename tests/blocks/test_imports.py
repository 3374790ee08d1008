"""What a fresh process has loaded after importing the packages."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
import {package}
known = {package}.all()
assert known
{use}
print(sorted({{name.partition(".")[0] for name in sys.modules}} & {{"keras", "tensorflow", "gradio", "pandas", "sklearn", "h5py"}}))
"""

USES = {
    "blocks": "[block.form_fields() for block in known.values()]",
    "presets": "[preset.graph() for preset in known.values()]",
}


@pytest.mark.parametrize("package", sorted(USES))
def test_neither_keras_nor_tensorflow_is_loaded(package: str) -> None:
    code = CODE.format(package=package, use=USES[package])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
