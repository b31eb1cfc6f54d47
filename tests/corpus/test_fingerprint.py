"""The key of a prepared corpus: what changes ids changes it, and nothing else does.

`tests/corpus/golden/tokens.json` holds what a small text with every feature of the pipeline becomes. When a change
alters it on purpose, raise `PREPARE_VERSION` and write the file anew with `python -m tests.corpus.test_fingerprint`.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import halo
from halo.config import SPLITS, DataConfig
from halo.corpus import fingerprint
from halo.corpus.corpus import Corpus
from halo.corpus.fingerprint import PREPARE_VERSION, relevant_settings
from halo.corpus.prepare import prepare
from tests.conftest import data_config
from tests.corpus.cleaning.personal.test_named_entities import save_pipeline

GOLDEN = Path(__file__).parent / "golden"
VARIANTS: dict[str, dict[str, Any]] = {
    "word": {},
    "signs": {"cleaning": {"keep_characters": None}},
    "lower": {"cleaning": {"case": "lower", "numbers": "placeholder"}},
    "whitespace": {"tokenizer": {"kind": "whitespace", "eos": "document"}, "cleaning": {"steps": [], "case": "keep"}},
    "lines": {"cleaning": {"line_ends": "eol"}},
    "char": {"tokenizer": {"kind": "char"}},
    "bpe": {"tokenizer": {"kind": "bpe", "max_size": 300}},
}


def config(name: str, cache_dir: Path) -> DataConfig:
    base = data_config()
    changes = VARIANTS[name]
    return replace(
        base,
        name="text",
        path=str(GOLDEN / "text.jsonl"),
        label_field="label",
        cache_dir=str(cache_dir),
        batch_size=1,
        sequence_length=1,
        eval_batch_size=1,
        cleaning=replace(base.cleaning, **changes.get("cleaning", {})),
        tokenizer=replace(base.tokenizer, **{"min_count": 1, **changes.get("tokenizer", {})}),
    )


def contents(corpus: Corpus) -> dict[str, Any]:
    """What a corpus holds: its tokens where they can be read, else digests of its ids."""
    tokenizer = corpus.tokenizer
    if tokenizer.kind in ("word", "whitespace"):
        return {name: " ".join(map(tokenizer.token, corpus.ids[name].tolist())) for name in SPLITS}
    ids = {name: corpus.ids[name].astype(np.int64).tobytes() for name in SPLITS}
    vocabulary = json.dumps(sorted(tokenizer.vocabulary().items())).encode()
    return {name: hashlib.sha256(part).hexdigest() for name, part in {**ids, "vocabulary": vocabulary}.items()}


@pytest.mark.parametrize("name", VARIANTS)
def test_other_ids_need_another_version(name: str, tmp_path: Path) -> None:
    golden = json.loads((GOLDEN / "tokens.json").read_text(encoding="utf-8"))
    assert golden["prepare_version"] == PREPARE_VERSION, "write the file anew: python -m tests.corpus.test_fingerprint"
    found = contents(prepare(config(name, tmp_path)))
    assert found == golden["variants"][name], (
        "the ids have changed: raise PREPARE_VERSION in halo/corpus/fingerprint.py"
    )


@pytest.mark.parametrize("constant", ["PREPARE_VERSION", "unidata_version"])
def test_another_version_is_another_key(constant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare(config("word", tmp_path)).folder
    place = fingerprint if constant == "PREPARE_VERSION" else fingerprint.unicodedata  # type: ignore[attr-defined]
    monkeypatch.setattr(place, constant, "another")
    assert prepare(config("word", tmp_path)).folder != before


def test_settings_that_were_not_there_before_change_the_key_only_when_they_are_used(tmp_path: Path) -> None:
    base = data_config()
    cleaning = relevant_settings(base)["cleaning"]
    assert cleaning.keys() == {"steps", "case", "numbers", "keep_characters", "line_ends"}
    with_pattern = replace(base, cleaning=replace(base.cleaning, patterns={"ward": "w"}))
    assert relevant_settings(with_pattern)["cleaning"] == cleaning | {"patterns": {"ward": "w"}}
    folders = [save_pipeline(tmp_path / name, PERSON=["Ann"]) for name in ("first", "moved")]
    first, moved = (
        relevant_settings(replace(base, cleaning=replace(base.cleaning, engine="spacy", engine_model=str(folder))))
        for folder in folders
    )
    assert first == moved
    assert first["cleaning"].keys() - cleaning.keys() == {"engine", "engine_version"}


def test_a_changed_comment_keeps_the_key(tmp_path: Path) -> None:
    shutil.copytree(Path(halo.__file__).parent, tmp_path / "src" / "halo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(halo.__file__).parents[2] / "conf", tmp_path / "conf")
    for file in (tmp_path / "src").rglob("*.py"):
        file.write_text(file.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    command = ["-m", "halo.prepare", f"data.cache_dir={tmp_path / 'cache'}", f"hydra.run.dir={tmp_path / 'out'}"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=environment)
    (folder,) = (path for path in (tmp_path / "cache").iterdir() if path.is_dir())
    assert folder == prepare(replace(data_config(), cache_dir=str(tmp_path / "cache"))).folder


def write_golden() -> None:
    with tempfile.TemporaryDirectory() as cache:
        variants = {name: contents(prepare(config(name, Path(cache)))) for name in VARIANTS}
    golden = {"prepare_version": PREPARE_VERSION, "variants": variants}
    text = json.dumps(golden, indent=2, ensure_ascii=False)
    (GOLDEN / "tokens.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write_golden()
