"""The reports of `halo.evaluate` on a text of the user's, and on the surprisal of its tokens."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.bundle.loading import Bundle
from halo.config import SavedConfig, TrainConfig
from halo.corpus.prepare import prepare
from halo.evaluation.evaluation_report import (
    MAX_BAR,
    MAX_STREAMS,
    TOKENS_PER_STREAM,
    batch_size_for,
    report_path,
    report_splits,
    report_surprisal,
    training_corpus,
)
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError


@pytest.fixture
def bundle(tiny_config: TrainConfig, tmp_path: Path) -> Bundle:
    corpus = prepare(tiny_config.data)
    model = build_model(tiny_config.model, corpus.tokenizer.words()).eval()
    config = SavedConfig(data=tiny_config.data, model=tiny_config.model)
    return Bundle(tmp_path, model, corpus.tokenizer, corpus.word_statistics(), config, is_bundle=True)


def test_a_long_text_is_read_in_more_streams_but_not_in_any_number(tiny_config: TrainConfig) -> None:
    sizes = [batch_size_for(tokens, tiny_config.data) for tokens in (10, 3 * TOKENS_PER_STREAM, 10**9)]
    assert sizes == [tiny_config.data.report_batch_size, 3, MAX_STREAMS]


def test_a_text_is_measured_without_the_training_counts(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("The people of the town.\n\nThe zyzzyva.")
    path = str(tmp_path / "own.txt")
    report = report_path(bundle, path, bundle.config.data)
    metrics = report.metrics[path]
    assert (metrics["tokens"], metrics["documents"], metrics["by_frequency"]) == (11, 1, {})
    assert f"{metrics['perplexity']:.2f}" in report.text
    assert max(map(len, report.text.splitlines()[:-1])) <= max(80, len(f"Loss breakdown of {path}"))


def test_a_table_is_said_to_be_read_as_one_text_and_where_its_rows_are_scored(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("item,sentence\n1,The people.\n2,The town of the people.\n")
    with pytest.raises(InputError, match=r"no field 'text' .*`halo score` with path=.* scores each row by itself"):
        report_path(bundle, str(path), bundle.config.data)
    report = report_path(bundle, str(path), replace(bundle.config.data, text_field="sentence"))
    assert f"{path}: 2 rows are read one after another;\n`halo score` with path=" in report.text


def test_a_text_that_is_too_short_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("the")
    bundle.config.data.report_batch_size = 50
    with pytest.raises(InputError, match=r"short\.txt: \d+ tokens after cleaning; at least 50 are needed"):
        report_path(bundle, str(tmp_path / "short.txt"), bundle.config.data)


def test_surprisals_are_listed_with_bars_of_one_character_a_bit(bundle: Bundle) -> None:
    report = report_surprisal(bundle, "the people of the")
    bits = report.metrics["surprisal_bits"]
    assert report.metrics["tokens"] == ["the", "people", "of", "the"]
    assert report.text.count("#") == sum(min(round(value), MAX_BAR) for value in bits)
    begins = {line.index("#") for line in report.text.splitlines() if "#" in line}
    assert len(begins) == 1, "bars begin below each other"
    assert f"mean {sum(bits) / 4:.2f} bits/token" in report.text


def test_all_splits_are_reported_with_their_generalization_gap(bundle: Bundle) -> None:
    (bundle.folder / "metrics.json").write_text('{"verdict": "a verdict\\u001b"}')
    report = report_splits(bundle, training_corpus(bundle, cache_dir=bundle.config.data.cache_dir), "all")
    gap = report.metrics["validation"]["nll"] - report.metrics["train"]["nll"]
    assert f"Generalization gap (validation - train): {gap:.3f} nats/token" in report.text
    assert "Verdict on training: a verdict\ufffd" in report.text
    assert "Train loss breakdown" not in report.text


def test_a_text_that_has_changed_since_training_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    changed = tmp_path / "changed.txt"
    changed.write_text("other words.\n\n" * 1_000)
    bundle.config.data.path = str(changed)
    with pytest.raises(InputError, match=r"changed\.txt: the text has changed since this model was trained on it"):
        training_corpus(bundle, cache_dir=str(tmp_path / "cache"))


def test_another_text_is_read_by_settings_of_its_own(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id;body\n1;The people of the town.\n2;The town.\n")
    path = str(tmp_path / "b.csv")
    with pytest.raises(InputError, match=r"no field 'text' \(fields: 'id', 'body'\); name the field with data\.text_f"):
        report_path(bundle, path, bundle.config.data)
    report = report_path(bundle, path, replace(bundle.config.data, text_field="body"))
    assert report.metrics[path]["documents"] == 2


def test_surprisal_of_the_name_of_a_file_is_not_what_is_meant(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("the people")
    with pytest.raises(InputError, match=r"^text=.*own\.txt: is the name of a file; use path=.*own\.txt to score"):
        report_surprisal(bundle, str(tmp_path / "own.txt"))
    with pytest.raises(InputError, match=r"^text='zyzzyva': the model knows none of these words"):
        report_surprisal(bundle, "zyzzyva")
