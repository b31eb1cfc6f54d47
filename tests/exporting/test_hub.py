"""The folder for a model hub: its card parses, the bundle loads, and nothing private is in it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import halo
from halo.bundle.loading import Bundle
from halo.config.commands.export import HubConfig
from halo.exporting.hub import hub_card_settings, write_hub_folder
from halo.reports.cards.public_facts import public_metrics
from halo.runtime.errors import InputError
from tests.support.card_facts import audit_entry, card_settings, data_entry, reproduction_entry
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
    results = {each.dataset_split: (each.metric_type, each.metric_value) for each in data.eval_results}
    assert results == {"train": ("perplexity", 50.5), "validation": ("perplexity", 50.5)}


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


def test_what_the_user_said_in_training_holds_unless_said_anew() -> None:
    trained = {"card": vars(card_settings(license="mit", language="nl"))}
    assert hub_card_settings(trained, hub()).license == "mit"
    now = hub_card_settings(trained, hub(license="cc0-1.0"))
    assert (now.license, now.language) == ("cc0-1.0", "nl")


def test_figures_of_a_public_text_keep_its_labels(bundle: Bundle) -> None:
    metrics = {**METRICS, "samples": ["Dear Anna"], "reproduction": reproduction_entry(), "data": data_entry()}
    private = json.dumps(public_metrics(metrics, bundle.config.data))
    assert not any(word in private for word in ("Anna", "Smith", "secret"))
    bundled = replace(bundle.config.data, name="covid", path="bundled:covid_discussions.jsonl")
    assert "Dr Smith" in json.dumps(public_metrics(metrics, bundled))


@pytest.mark.parametrize("spoiled", [{"splits": {"test": 1}}, {"reproduction": []}, {"card": {"license": 1}}])
def test_figures_of_something_else_are_an_error(bundle: Bundle, tmp_path: Path, spoiled: dict[str, Any]) -> None:
    (bundle.folder / "metrics.json").write_text(json.dumps(spoiled))
    (tmp_path / "hub").mkdir()
    with pytest.raises(InputError, match=r"metrics\.json: .*train again"):
        write_hub_folder(tmp_path / "hub", bundle, hub())


def test_the_card_tells_what_the_audit_found_without_copied_text(bundle: Bundle, tmp_path: Path) -> None:
    _, without = written(bundle, tmp_path / "without")
    assert "Not measured here" in without
    audit = bundle.folder / "audit.json"
    audit.write_text(json.dumps(audit_entry()))
    _, text = written(bundle, tmp_path / "hub")
    assert "**Would you share this model?** Only after a closer look." in text
    assert "| temperature 1 | 12 | 1 | 1 |" in text
    assert "dear anna" not in text
    own = replace(bundle, folder=Path(shutil.copytree(bundle.folder, tmp_path / "run" / "bundle")))
    (own.folder / "audit.json").rename(tmp_path / "run" / "audit.json")
    _, of_run = written(own, tmp_path / "of_run")
    assert "Only after a closer look" in of_run, "the audit lies in the run folder, above its bundle"


@pytest.mark.parametrize("content", ["[1]", '{"verdict": 1}', "{", '{"verdict": {"question": "?"}}'])
def test_an_audit_of_something_else_is_an_error(bundle: Bundle, tmp_path: Path, content: str) -> None:
    (bundle.folder / "audit.json").write_text(content)
    (tmp_path / "hub").mkdir()
    with pytest.raises(InputError, match=r"audit\.json.* not the audit of a model .*delete") as caught:
        write_hub_folder(tmp_path / "hub", bundle, hub())
    assert "\n" not in str(caught.value)
    assert not [*(tmp_path / "hub").iterdir()]
