"""New texts get saved topics, with all that stands beside them in their file."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.bundle.loading import Bundle
from halo.config import TopicsConfig, parse
from halo.runtime.errors import InputError
from halo.topic_modelling.output.new_texts import assign_new_texts
from halo.topic_modelling.topic_model import FORMAT, TopicDescription, TopicModel
from halo.topic_modelling.unit_vectors import probe_vector, unit_vectors
from tests.conftest import compose_config
from tests.support.tiny_bundles import tiny_bundle

FIRST, SECOND = "the virus spreads in the air", "doctors don't know why"
Assign = Callable[..., list[dict[str, str]]]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return tiny_bundle()


@pytest.fixture
def topics(bundle: Bundle, tmp_path: Path) -> Path:
    """Two topics whose centres are the vectors of two texts."""
    ids = [bundle.tokenizer.encode(text) for text in (FIRST, SECOND)]
    vectors = unit_vectors(bundle, ids).astype(np.float64)
    size = vectors.shape[1]
    centres = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    words = [[("air", 1.0)], [("doctors", 1.0)]]
    description = TopicDescription(FORMAT, "document", probe_vector(bundle).tolist(), words)
    TopicModel(np.zeros(size), centres, 1e-3, 0.05, description).save(tmp_path / "topics")
    return tmp_path / "topics"


@pytest.fixture
def assign(bundle: Bundle, topics: Path, tmp_path: Path) -> Assign:
    def assigned(content: str, *overrides: str, name: str = "new.csv", model: Bundle = bundle) -> list[dict[str, str]]:
        (tmp_path / name).write_text(content, encoding="utf-8")
        given = [f"topics={topics}", f"path={tmp_path / name}", f"output={tmp_path / 'out.csv'}", *overrides]
        assign_new_texts(model, parse(compose_config("topics", ["run=x", *given]), TopicsConfig))
        with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as opened:
            return list(csv.DictReader(opened))

    return assigned


def test_a_text_gets_the_topic_it_is_nearest_to_and_keeps_its_columns(assign: Assign) -> None:
    found = assign(f'id,text,topic\n7,"{FIRST}",old\n8,"{SECOND}",\n')
    assert [row["topic"] for row in found] == ["1", "2"]
    assert [row["topic_words"] for row in found] == ["air", "doctors"]
    assert [(row["id"], row["input_topic"]) for row in found] == [("7", "old"), ("8", "")]
    assert all(float(row["weight"]) > 0.9 and row["unlike_all_topics"] == "false" for row in found)


def test_texts_without_words_keep_their_rows(assign: Assign) -> None:
    found = assign(f'text\n""\n"xylophone"\n"{FIRST}"\n"the air"\n')
    assert [row["note"] for row in found] == ["empty", "no known word", "", "fewer than 5 words"]
    assert [bool(row["topic"]) for row in found] == [False, False, True, True]


def test_a_text_far_from_all_topics_is_flagged(assign: Assign, topics: Path, bundle: Bundle) -> None:
    found = assign(f'text\n"{FIRST}"\n"so so so so so so"\n')
    assert [row["unlike_all_topics"] for row in found] == ["false", "true"]


def test_a_line_is_a_text(assign: Assign) -> None:
    assert [row["topic"] for row in assign(f"{FIRST}\n{SECOND}\n", name="new.txt")] == ["1", "2"]


@pytest.mark.parametrize("other", [{"seed": 1}, {"kind": "char"}, {"model": "gru"}])
def test_topics_of_another_model_are_refused(assign: Assign, tmp_path: Path, other: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"topics: made with another model than tiny"):
        assign(f"text\n{FIRST}\n", model=tiny_bundle(**other))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("content", "overrides", "message"),
    [
        ("id,body\n1,2\n", (), r"no column holds sentences; name the one to score with data\.text_field"),
        ("text\nxylophone\n", (), r"no text has a word that the model knows"),
        ("", (), r"contains no text|is empty"),
        ("body\na b\n", ("data.text_field=text",), r"no column 'text' .*name one with data\.text_field"),
    ],
)
def test_unusable_files_are_refused_and_nothing_is_written(
    assign: Assign, tmp_path: Path, content: str, overrides: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        assign(content, *overrides)
    assert not (tmp_path / "out.csv").exists()


def test_damaged_topics_are_refused(assign: Assign, topics: Path) -> None:
    (topics / "topic_model.npz").write_bytes(b"no arrays")
    with pytest.raises(InputError, match="damaged topics"):
        assign(f"text\n{FIRST}\n")
