"""The example without PyTorch scores and generates as halo does, where neither torch nor halo can be imported."""

import subprocess
import sys
from pathlib import Path

import pytest

import halo
from halo.config import ExportConfig, parse
from halo.exporting.export_model import export_model
from tests.conftest import compose_config
from tests.support.exported import saved_bundle

EXAMPLE = Path(__file__).parents[2] / "examples" / "without_torch" / "use_exported.py"
WITHOUT = (
    "import runpy, sys; sys.modules.update(dict.fromkeys(['torch', 'halo', 'onnx'])); sys.argv = sys.argv[1:]; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)
TRAINING = ["the virus spreads in the air , and we saw it . the people ( all of them ) went home ; on . ."]
TEXT = "The virusspreads\u2014in Hospitals, and the people saw it."


def test_the_example_without_torch_agrees_with_halo(tmp_path: Path) -> None:
    bundle = saved_bundle(tmp_path / "bundle", TRAINING)
    settings = [f"bundle={bundle}", f"output={tmp_path / 'out'}", "format=onnx"]
    export_model(parse(compose_config("export", settings), ExportConfig))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(EXAMPLE), str(tmp_path / "out"), TEXT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scores: list[str] = []
    generated: list[str] = []
    for line in done.stdout.splitlines():
        (scores if line.endswith(("bits", "(unknown)")) and "\t" in line else generated).append(line)
    model = halo.load(bundle, device="cpu")
    (scored,) = model.score(TEXT)
    assert [float(line.split("\t")[1].split()[0]) for line in scores] == pytest.approx(
        [token.bits for token in scored.tokens], abs=1e-4
    )
    assert [line.endswith("(unknown)") for line in scores] == [not token.is_known for token in scored.tokens]
    (text,) = model.generate(TEXT, temperature=0, num_words=40)
    assert "\n".join(generated) == text
