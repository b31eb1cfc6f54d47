"""The model card: what a hub reads, what a reader needs, and nothing from outside that is taken for markup."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from halo.config import SavedConfig, TrainConfig
from halo.reports.cards.markdown import without_front_matter
from halo.reports.cards.model_card import missing_facts, model_card, saved_card
from halo.runtime.errors import InputError
from tests.conftest import data_config, model_config
from tests.support.card_facts import card_settings, data_entry, reproduction_entry
from tests.support.run_metrics import run_metrics


def metrics_of(**changes: Any) -> dict[str, Any]:
    return {**run_metrics(), "data": data_entry(), "reproduction": reproduction_entry(), **changes}


def card_of(metrics: dict[str, Any], **given: Any) -> str:
    data = replace(data_config(), name="text", path="/home/me/secret.txt")
    config = SavedConfig(data=data, model=model_config("lstm"))
    return model_card(config, metrics, vocab_size=60, num_parameters=5_000_000, **given)


def test_a_hub_and_a_strict_parser_read_its_metadata(tmp_path: Path) -> None:
    card = card_of(metrics_of(), card=card_settings(license="cc-by-4.0", language=["no", "en"], dataset="me/text"))
    metadata = yaml.safe_load(card.split("\n---\n")[0].removeprefix("---\n"))
    assert metadata["language"] == ["no", "en"]
    huggingface_hub = pytest.importorskip("huggingface_hub")
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    data = huggingface_hub.ModelCard.load(tmp_path / "README.md").data
    assert isinstance(data, huggingface_hub.ModelCardData)
    assert (data.license, data.datasets, data.library_name) == ("cc-by-4.0", ["me/text"], "semblance-halo")
    results = {(each.dataset_split, each.metric_type): each.metric_value for each in data.eval_results}
    assert results[("test", "perplexity")] == pytest.approx(12_345.678)
    assert results[("validation", "bits_per_character")] == pytest.approx(1.2345)


def test_it_holds_the_figures_the_samples_and_the_way_to_repeat_the_run() -> None:
    metrics = metrics_of(energy={"statement": "About 3 Wh."})
    card = card_of(metrics, samples=["<b>one</b> & {{ two }}\n\nthree", "four"], memorisation="It copies little.")
    for shown in (
        "| this model | 7.0 | 7.0 | 7.0 |",
        "| uniform | 9.0 | 9.0 | 9.0 |",
        "| bits per character | 1.2345 | 1.2345 | 1.2345 |",
        f"Verdict: {metrics['verdict']}.",
        "(lstm, 5,000,000 parameters",
        "Licence of the model: not stated",
        "About 3 Wh.",
        "It copies little.",
        "| Dr Smith | 8 | 1 | 0 |",
        "python -m halo.train model=gru data.path=/home/me/secret.txt 'samples.prompts=[Dear Anna]'",
        "Seed: 7",
        "`" + "cd" * 32 + "`",
        "`" + "ef" * 20 + "`",
        "\n    <b>one</b> & {{ two }}\n\n    three\n\n    ---\n\n    four\n",
    ):
        assert shown in card
    headings = [line for line in without_front_matter(card).splitlines() if line.startswith("## ")]
    assert len(headings) == len({*headings}) == 12


def test_a_public_card_has_no_text_no_labels_and_no_paths() -> None:
    card = card_of(metrics_of(), samples=["Dear Anna"], is_public=True)
    assert not any(word in card for word in ("secret", "/home/me", "Smith", "Anna", "label 30"))
    assert "python -m halo.train model=gru data.path=LEFT_OUT samples.prompts=LEFT_OUT" in card
    assert "(none: this card holds no text)" in card


def test_what_was_not_measured_is_said(tiny_config: TrainConfig) -> None:
    card = card_of({})
    for said in ("Not recorded.", "Not measured here; `halo audit` measures it.", "(no samples were requested)"):
        assert said in card
    assert "## Evaluation" not in card
    cleaning = replace(tiny_config.data.cleaning, steps=[])
    config = SavedConfig(data=replace(tiny_config.data, cleaning=cleaning), model=tiny_config.model)
    assert "Cleaning steps: none." in model_card(config, {}, vocab_size=1, num_parameters=1)
    own_class = metrics_of(reproduction=reproduction_entry(arguments=None, own_classes=["my.Model"]))
    assert "classes of its own (my.Model)" in card_of(own_class)


def test_the_settings_of_a_card_come_from_the_run_and_are_checked() -> None:
    assert saved_card({}) == card_settings()
    assert saved_card({"card": {**vars(card_settings()), "license": "mit"}}).license == "mit"
    with pytest.raises(InputError, match=r"metrics\.json: card: license"):
        saved_card({"card": {**vars(card_settings()), "license": "<b>"}})
    own = replace(data_config(), path="mine.txt")
    assert missing_facts(card_settings(), own) == ["license", "language"]
    assert missing_facts(card_settings(license="mit"), own) == ["language"]
    assert missing_facts(card_settings(), data_config()) == []
