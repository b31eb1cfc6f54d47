"""Names that a spaCy pipeline finds: a blank one with rules stands for a trained one, of which none is at hand."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import CleaningConfig
from halo.corpus.cleaning.personal.named_entities import find_entities, pipeline_version
from halo.corpus.cleaning.pipeline import clean, clean_counted, clean_together
from halo.runtime.errors import InputError

spacy = pytest.importorskip("spacy")


def save_pipeline(folder: Path, **names: list[str]) -> Path:
    """Saves a pipeline that knows some names, by label."""
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": name} for label, known in names.items() for name in known])
    pipeline.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> CleaningConfig:
    folder = save_pipeline(
        tmp_path_factory.mktemp("spacy") / "names",
        PERSON=["Ann Smith", "Smith"],
        GPE=["Leeds"],
        ORG=["Acme"],
        DATE=["Monday"],
    )
    return CleaningConfig(
        steps=["emails", "dates"],
        case="lower",
        numbers="keep",
        keep_characters=None,
        engine="spacy",
        engine_model=str(folder),
    )


def test_names_are_found_before_they_lose_their_capitals(rules: CleaningConfig) -> None:
    cleaned, counts = clean_counted("On Monday Ann Smith of Acme left Leeds.\n\nSmith came on 1.2.2020", rules)
    assert cleaned == "on monday <person> of <organisation> left <location>.\n\n<person> came on <date>"
    assert (counts.steps["<person>"], counts.steps["<location>"], counts.steps["<organisation>"]) == (2, 1, 1)
    assert clean(cleaned, rules) == cleaned


def test_texts_that_are_cleaned_together_are_read_one_by_one(rules: CleaningConfig) -> None:
    assert clean_together(["Ann Smith", "Leeds"], rules)[0] == ["<person>", "<location>"]


def test_places_are_those_of_the_text(rules: CleaningConfig) -> None:
    text = "one\n\nin Leeds"
    assert [text[start:end] for _, start, end in find_entities(text, str(rules.engine_model))] == ["Leeds"]


def test_the_version_is_that_of_what_the_folder_holds(tmp_path: Path) -> None:
    first, same, other = (
        pipeline_version(str(save_pipeline(tmp_path / name, ORG=names)))
        for name, names in (("first", ["Acme"]), ("same", ["Acme"]), ("other", ["Leeds"]))
    )
    assert first == same != other


def test_pipelines_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        InputError, match=r"engine_model=json: no spaCy pipeline of this name; .*nothing is downloaded$"
    ):
        find_entities("text", "json")  # a module that exists, and is never imported as a pipeline
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(InputError, match="finds no names"):
        find_entities("text", str(tmp_path / "blank"))
    (tmp_path / "blank" / "config.cfg").write_text("[nlp")
    with pytest.raises(InputError, match="cannot be loaded"):
        find_entities("text", str(tmp_path / "blank"))
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(InputError, match=r"pip install 'semblance-halo\[personal\]'"):
        pipeline_version("en_core_web_sm")


def test_an_engine_and_its_pipeline_are_given_together(rules: CleaningConfig) -> None:
    with pytest.raises(ValueError, match=r"engine_model=null: must name the spaCy pipeline"):
        replace(rules, engine_model=None)
    with pytest.raises(ValueError, match=r"engine=null: must be spacy with data\.cleaning\.engine_model="):
        replace(rules, engine=None)
