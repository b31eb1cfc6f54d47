"""An exported classifier needs onnxruntime and tokenizers alone, and says how; other formats are refused."""

import json
import re
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest

from halo.classification.prediction.classifications import classify_texts
from halo.classification.prediction.opening import open_classifier
from halo.config import ExportConfig, parse
from halo.exporting.export_model import export_model
from halo.runtime.errors import InputError
from tests.conftest import compose_config
from tests.support.opened_classifiers import saved_classifier, tiny_classifier


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    classifier = tiny_classifier(labels=("bad", "good", "ü b"))
    return saved_classifier(tmp_path_factory.mktemp("classifier") / "run" / "bundle", classifier)


def export(folder: Path, output: Path, *settings: str) -> str:
    given = [f"run={folder}", f"output={output}", *settings]
    return export_model(parse(compose_config("export", given), ExportConfig))


def test_the_example_of_the_readme_predicts_as_halo_does(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = export(saved.parent, tmp_path / "out", "format=onnx")
    assert "model.onnx" in printed
    names = ["README.md", "config.json", "export.json", "model.onnx", "tokenizer.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    about = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert about["labels"] == ["bad", "good", "ü b"]
    texts = ["The virus “spreads”, in the air", "So\n\ndoctors don't know WHY"]
    (example,) = re.findall("```python\n(.*?)```", (tmp_path / "out" / "README.md").read_text(), flags=re.DOTALL)
    program = re.sub(r"texts = \[.*\]", lambda _: f"texts = {texts!r}", example)
    assert program != example
    found: dict[str, object] = {}
    with chdir(tmp_path / "out"):
        exec(program, found)
    classified = classify_texts(open_classifier(saved, device="cpu"), texts)
    expected = [[*each.found.probabilities.values()] for each in classified if each.found is not None]
    np.testing.assert_allclose(np.array(found["probabilities"]), expected, atol=1e-5)
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("format=torch",), "format=torch: is for language models; a classifier is exported with format=onnx"),
        (("format=hub",), "format=hub: is for language models"),
        (("format=onnx", "quantize=int8"), "quantize=int8: is for language models"),
    ],
)
def test_other_formats_are_refused(settings: tuple[str, ...], message: str, saved: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        export(saved, tmp_path / "out", *settings)
    assert not (tmp_path / "out").exists()
