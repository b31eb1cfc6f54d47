"""The folder for a model hub: its card parses, the bundle loads, and nothing private is in it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import halo
from halo.bundle.loading import Bundle
from halo.config.commands.export import HubConfig
from halo.exporting.hub import card_metadata, write_hub_folder
from tests.support.exported import opened_bundle, saved_bundle

SPLIT: dict[str, Any] = {
    "tokens": 90,
    "perplexity": 50.5,
    "bits_per_character": None,
    "out_of_vocabulary_rate": 0.1,
    "by_label": {"Dr Smith": {"tokens": 3}},
}
METRICS = {"splits": {"train": SPLIT, "validation": SPLIT, "test": {**SPLIT, "perplexity": None}}}


def hub(**given: Any) -> HubConfig:
    return HubConfig(**{"name": None, "license": None, "language": None, "dataset": None, **given})


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    opened = opened_bundle(saved_bundle(tmp_path / "saved", ["the virus spreads in the air ."]))
    (opened.folder / "metrics.json").write_text(json.dumps(METRICS))
    data = replace(opened.config.data, name="text", path="/home/me/secret.txt")
    return replace(opened, config=replace(opened.config, data=data))


def written(bundle: Bundle, folder: Path, **given: Any) -> tuple[dict[str, Any], str]:
    """Writes the folder, and returns the card's metadata and its text."""
    folder.mkdir()
    write_hub_folder(folder, bundle, hub(**given))
    _, metadata, text = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(metadata), text


def test_the_card_is_read_by_the_hub(bundle: Bundle, tmp_path: Path) -> None:
    name = "Wörter: a #1 'model'\n--- no"
    written(bundle, tmp_path / "hub", name=name, license="cc-by-4.0", language=["no", "en"], dataset="me/text")
    huggingface_hub = pytest.importorskip("huggingface_hub")
    data = huggingface_hub.ModelCard.load(tmp_path / "hub" / "README.md").data
    assert (data.license, data.language, data.datasets) == ("cc-by-4.0", ["no", "en"], ["me/text"])
    assert (data.library_name, data.pipeline_tag) == ("semblance-halo", "text-generation")
    assert data.model_name == "Wörter: a #1 'model'\ufffd--- no"
    (result,) = data.eval_results
    assert (result.dataset_split, result.metric_type, result.metric_value) == ("validation", "perplexity", 50.5)


def test_the_folder_is_a_bundle(bundle: Bundle, tmp_path: Path) -> None:
    written(bundle, tmp_path / "hub")
    loaded, original = halo.load(tmp_path / "hub", device="cpu"), halo.load(bundle.folder, device="cpu")
    assert loaded.perplexity("The virus spreads.") == pytest.approx(original.perplexity("The virus spreads."))
    settings = json.loads((tmp_path / "hub" / "config.json").read_text())
    assert settings["vocab_size"] == loaded.vocab_size
    assert (tmp_path / "hub" / "tokenizer_config.json").exists()


def test_nothing_private_is_in_it(bundle: Bundle, tmp_path: Path) -> None:
    metadata, text = written(bundle, tmp_path / "hub")
    assert not {"license", "language", "datasets"} & {*metadata}
    assert "50.50" in text
    for file in (tmp_path / "hub").iterdir():
        content = file.read_bytes().decode("utf-8", errors="replace")
        assert not any(word in content for word in ("secret", "/home/me", "Dr Smith")), file
    data = bundle.config.data
    separate = replace(data, path=None, train_path="a", validation_path="b", test_path="c")
    other = replace(bundle, config=replace(bundle.config, data=separate))
    written(other, tmp_path / "other")
    halo.load(tmp_path / "other", device="cpu")


def test_a_model_without_metrics_has_no_figures(bundle: Bundle, tmp_path: Path) -> None:
    (bundle.folder / "metrics.json").unlink()
    metadata, text = written(bundle, tmp_path / "hub")
    assert "model-index" not in metadata
    assert "## Evaluation" not in text
    assert not (tmp_path / "hub" / "metrics.json").exists()


def test_the_bundled_text_has_a_licence(bundle: Bundle) -> None:
    data = replace(bundle.config.data, name="covid", path="bundled:covid_discussions.jsonl")
    metadata = card_metadata(data, {}, hub(), name="x", architecture="lstm")
    assert (metadata["license"], metadata["language"]) == ("apache-2.0", "en")
    assert card_metadata(data, {}, hub(license="mit"), name="x", architecture="lstm")["license"] == "mit"
    public = card_metadata(replace(data, name="ptb", path="ptb"), {}, hub(), name="x", architecture="lstm")
    assert public["datasets"] == ["ptb_text_only"]
    assert "license" not in public
