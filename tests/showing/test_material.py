"""The sentence, and which settings fit together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from halo.bundle.saving import save_bundle
from halo.config import ShowConfig, parse
from halo.runtime.errors import InputError
from halo.showing.material import (
    MAX_SENTENCE,
    Material,
    choose_sentence,
    encode_sentence,
    open_material,
)
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import compose_config, data_config
from tests.support.tiny_bundles import bundle_of_corpus, tiny_bundle


def tokenizer_of(*texts: str) -> TextTokenizer:
    return TextTokenizer.train(texts, kind="word", min_count=1, max_size=None)


def test_a_typed_sentence_keeps_what_was_written_beside_what_the_vocabulary_has() -> None:
    sentence = encode_sentence("The VIRUS isn’t\n\nfast <b>", tokenizer_of("the virus is"), data_config())
    assert sentence.written == ["the", "virus", "isn't", "<eos>", "fast"] or "VIRUS" in sentence.written
    assert len(sentence.written) == len(sentence.ids)
    assert sentence.ids[-1] == 0


@pytest.mark.parametrize("eos", ["paragraph", "document", "line"])
@pytest.mark.parametrize("kind", ["word", "char", "bpe", "whitespace"])
def test_each_token_has_what_was_written(kind: str, eos: str) -> None:
    bundle = tiny_bundle(kind=kind, eos=eos)
    sentence = encode_sentence("the virus\nspreads <eos>\n\nfast, so fast", bundle.tokenizer, bundle.config.data)
    assert len(sentence.written) == len(sentence.ids)
    known = [each for each in zip(sentence.ids, sentence.written, strict=True) if each[0] != bundle.tokenizer.unk_id]
    assert [bundle.tokenizer.token(token_id) for token_id, _ in known] == [written for _, written in known]


def test_sentences_without_words_or_too_long_ones_are_refused() -> None:
    tokenizer = tokenizer_of("the virus")
    with pytest.raises(InputError, match=r"^sentence=' \\u200b ': contains no words; give some text$"):
        encode_sentence(" \u200b ", tokenizer, data_config())
    with pytest.raises(InputError, match=rf": has {MAX_SENTENCE + 1} tokens; at most {MAX_SENTENCE} can be shown$"):
        encode_sentence("virus " * (MAX_SENTENCE + 1), tokenizer, data_config())
    assert len(encode_sentence("virus " * MAX_SENTENCE, tokenizer, data_config()).ids) == MAX_SENTENCE


def test_the_chosen_sentence_starts_a_paragraph_and_has_no_unknown_word() -> None:
    tokenizer = tokenizer_of("a b c d e f g h .")
    short, unknown, good = "a b .", "a b c zzz d e f .", "a b c d e f g ."
    ids = []
    for text in (short, unknown, good, good):
        ids += [*tokenizer.encode(text), tokenizer.eos_id]
    assert choose_sentence(ids, tokenizer).written == good.split()
    assert choose_sentence(tokenizer.encode("a b c " * 20), tokenizer).written == ("a b c " * 20).split()[:16]


# Of models in files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path) -> Path:
    """A bundle and its prepared text."""
    place = tmp_path_factory.mktemp("shown")
    bundle = bundle_of_corpus(corpus_file, place / "cache")
    save_bundle(
        place / "bundle",
        model=bundle.model,
        tokenizer=bundle.tokenizer,
        word_statistics=bundle.word_statistics,
        config=bundle.config,
        metrics={},
        model_card="",
        document_scores=None,
    )
    return place


def opened(folder: Path, *settings: str, **given: str) -> Material:
    config = compose_config("show", [f"data.cache_dir={folder / 'cache'}", "device=cpu", *settings])
    return open_material(parse(config, ShowConfig), given={key.replace("__", "."): each for key, each in given.items()})


def test_a_trained_model_brings_its_own_text(folder: Path) -> None:
    material = opened(folder, f"bundle={folder / 'bundle'}", data__cache_dir="x")
    assert material.is_trained
    assert material.num_streams == 2
    assert len(material.batch_ids) > 500
    assert material.max_norm == 0.25
    assert any("does not tell how gradients were clipped" in note for note in material.notes)
    assert opened(folder, f"bundle={folder / 'bundle'}", "max_norm=3").max_norm == 3


def test_settings_of_a_text_are_refused_beside_a_trained_model(folder: Path) -> None:
    for given in ({"data__path": "notes.txt"}, {"model": "gru"}, {"model__hidden": "5"}):
        with pytest.raises(InputError, match="is for showing a text without a trained model"):
            opened(folder, f"bundle={folder / 'bundle'}", **given)


def test_nothing_is_shown_of_a_private_text(folder: Path, tmp_path: Path) -> None:
    private = tmp_path / "bundle"
    private.mkdir()
    for file in (folder / "bundle").iterdir():
        (private / file.name).write_bytes(file.read_bytes())
    settings = yaml.safe_load((private / "config.yaml").read_text())
    (private / "config.yaml").write_text(yaml.safe_dump({**settings, "private": True}))
    with pytest.raises(InputError, match=r"was trained with private=true, .* give sentence=\.\.\. of your own$"):
        opened(folder, f"bundle={private}")
    material = opened(folder, f"bundle={private}", "sentence=a text of mine")
    assert np.array_equal(material.batch_ids, material.sentence.ids)
    assert material.num_streams == 2


def test_a_sentence_replaces_a_text_that_is_not_at_hand(folder: Path, corpus_file: Path) -> None:
    moved = corpus_file.with_name("moved.jsonl")
    corpus_file.rename(moved)
    try:
        with pytest.raises(InputError, match=r"the model's text is not at hand: .*; give sentence="):
            opened(folder, f"bundle={folder / 'bundle'}")
        material = opened(folder, f"bundle={folder / 'bundle'}", "sentence=word")
        assert material.num_streams == 1
        assert "Your sentence is the batch as well." in material.notes[-1]
    finally:
        moved.rename(corpus_file)


def test_a_text_alone_is_read_by_an_untrained_model(folder: Path, corpus_file: Path) -> None:
    small = ["data=text", f"data.path={corpus_file}", "model=gru", "model.embedding=8", "model.hidden=8"]
    one, same, other = (opened(folder, *small, f"seed={seed}") for seed in (1, 1, 2))
    assert not one.is_trained
    assert "No trained model" in one.notes[0]
    weights = [next(each.network.parameters()) for each in (one, same, other)]
    assert weights[0].equal(weights[1])
    assert not weights[0].equal(weights[2])


def test_series_are_shown_by_another_command(folder: Path) -> None:
    config = parse(compose_config("show", ["data=series", "data.path=table.csv"]), ShowConfig)
    with pytest.raises(InputError, match=r"is about series of numbers; halo\.show is for text"):
        open_material(replace(config), given={})
