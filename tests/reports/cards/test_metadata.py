"""Metadata of cards: what is known of public texts, and nothing that nobody has said."""

from dataclasses import replace

from halo.config import DataConfig
from halo.reports.cards.metadata import completed, is_bundled, kind_of, model_metadata
from tests.conftest import data_config
from tests.support.card_facts import card_settings

SPLITS = {
    "train": {"perplexity": 10.0, "bits_per_character": None},
    "validation": {"perplexity": 20.0, "bits_per_character": 1.5},
    "test": {"perplexity": None},
}


def own_text() -> DataConfig:
    return replace(data_config(), name="text", path="mine.txt")


def test_only_the_bundled_text_has_a_licence_of_its_own() -> None:
    bundled = completed(card_settings(), data_config())
    assert (bundled.license, bundled.data_license, bundled.language) == ("apache-2.0", "apache-2.0", "en")
    assert completed(card_settings(license="mit"), data_config()).license == "mit"
    # A text of the user's own with the settings of the bundled one is the user's.
    own = replace(data_config(), path="mine.txt")
    assert not is_bundled(own)
    assert completed(card_settings(), own) == card_settings()
    ptb = completed(card_settings(), replace(data_config(), name="ptb", path="ptb"))
    assert (ptb.license, ptb.data_license, ptb.dataset) == (None, None, "ptb_text_only")


def test_what_is_unknown_is_left_out_and_the_figures_of_each_split_are_in() -> None:
    metadata = model_metadata(card_settings(), own_text(), {"splits": SPLITS}, name="x", architecture="lstm")
    assert {key for key, value in metadata.items() if value is None} == {"license", "language", "datasets"}
    results = metadata["model-index"][0]["results"]
    found = {(each["dataset"]["split"], one["type"]): one["value"] for each in results for one in each["metrics"]}
    assert found == {
        ("train", "perplexity"): 10,
        ("validation", "perplexity"): 20,
        ("validation", "bits_per_character"): 1.5,
    }
    unmeasured = model_metadata(card_settings(), own_text(), {}, name="x", architecture="lstm")
    assert unmeasured["model-index"] is None


def test_the_date_and_version_are_those_of_the_run() -> None:
    environment = {"finished": "2025-03-04 10:00 UTC", "Semblance Halo": "0.1.9"}
    metadata = model_metadata(card_settings(), own_text(), {"environment": environment}, name="x", architecture="lstm")
    assert (metadata["date"], metadata["library_version"]) == ("2025-03-04", "0.1.9")
    assert kind_of(own_text()) == "text"
