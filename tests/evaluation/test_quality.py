"""The figures that are reported together, against plain loops over tokens."""

import itertools
import json
import math
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.corpus.split_writer import count_text, encode_documents
from halo.evaluation.quality import MeasuredText, Quality, bootstrap_interval, measure, measure_split
from halo.evaluation.text_scores import NLL, Score, text_nll, windows_to_score
from halo.models.model_spec import build_model


@pytest.fixture
def corpus(tiny_config: TrainConfig, tmp_path: Path) -> Corpus:
    """Four documents of the small text for the test, in two registers."""
    records = map(json.loads, Path(tiny_config.data.path).read_text(encoding="utf-8").splitlines())
    file = tmp_path / "labelled.jsonl"
    lines = [json.dumps({**record, "register": "ab"[place % 2]}) for place, record in enumerate(records)]
    file.write_text("\n".join(lines), encoding="utf-8")
    splits = replace(tiny_config.data.splits, train=0.5, validation=0.2, test=0.3)
    return prepare(replace(tiny_config.data, path=str(file), splits=splits))


@pytest.fixture
def nll(corpus: Corpus) -> NLL:
    return np.random.default_rng(0).gamma(2, 3, size=len(corpus.ids["test"]))


def measured(corpus: Corpus, nll: NLL) -> Quality:
    train_counts = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size)
    text = MeasuredText.of_split(corpus, "test")
    return measure(nll, text, corpus.tokenizer, batch_size=1, train_counts_V=train_counts)


def exp_mean(values: list[float]) -> float:
    return math.exp(math.fsum(values) / len(values))


def test_the_parts_are_those_of_a_plain_loop(corpus: Corpus, nll: NLL) -> None:
    end, unknown = corpus.tokenizer.eos_id, corpus.tokenizer.unk_id
    seen = Counter(corpus.ids["train"].tolist())
    labels, frequencies, positions = defaultdict(list), defaultdict(list), defaultdict(list)
    offsets = corpus.offsets["test"].tolist()
    ids = corpus.ids["test"].tolist()
    for document, (begin, stop) in enumerate(itertools.pairwise(offsets)):
        for place in range(begin, stop):
            labels[corpus.label_names[corpus.labels["test"][document]]].append(nll[place])
            times, position = seen[ids[place]], place - begin + 1
            rank = "1 to 9" if times < 10 else "10 to 99" if times < 100 else "100 to 999"
            special = {end: "<eos>", unknown: "<unk>"}
            frequencies[special.get(ids[place], rank)].append(nll[place])
            name = "1 to 10" if position <= 10 else "11 to 100" if position <= 100 else "101 to 1,000"
            positions[name].append(nll[place])
    result = measured(corpus, nll)
    for found, expected in (
        (result.by_label, labels),
        (result.by_frequency, frequencies),
        (result.by_position, positions),
    ):
        assert found.keys() == expected.keys()
        assert len(found) > 1
        for name, part in found.items():
            assert part.num_tokens == len(expected[name])
            assert part.perplexity == pytest.approx(exp_mean(expected[name]))
        assert math.fsum(part.total_nll for part in found.values()) == pytest.approx(nll.sum())
    assert result.without_eos is not None
    assert result.known_words is not None
    assert result.without_eos.perplexity == pytest.approx(
        exp_mean([value for value, token_id in zip(nll, ids, strict=True) if token_id != end])
    )
    assert result.known_words.perplexity == pytest.approx(
        exp_mean([value for value, token_id in zip(nll, ids, strict=True) if token_id not in (end, unknown)])
    )
    assert result.perplexity == pytest.approx(exp_mean(nll.tolist()))


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
def test_a_model_of_letters_drawn_evenly_has_the_same_bits_per_character_in_every_tokenization(
    tiny_config: TrainConfig, kind: str
) -> None:
    """Log 64 nats for each character and break, whatever the tokens are: only their sum counts."""
    tokenizer_config = replace(
        tiny_config.data.tokenizer, kind=kind, max_size=300 if kind == "bpe" else None, min_count=1
    )
    corpus = prepare(replace(tiny_config.data, tokenizer=tokenizer_config))
    characters = corpus.counts["test"].characters
    nll = np.full(len(corpus.ids["test"]), math.log(64) * characters / len(corpus.ids["test"]))
    result = measured(corpus, nll)
    spelling_bits = corpus.counts["test"].oov_cost / math.log(2) / characters
    assert result.bits_per_character == pytest.approx(6 + spelling_bits)
    assert (spelling_bits > 0.05) == (kind == "word")  # words that only the test text has


def test_a_smaller_vocabulary_lowers_perplexity_but_not_bits_per_character(tiny_config: TrainConfig) -> None:
    """Unigram models of two vocabularies: most words unknown is easy to predict, and dear to spell."""
    results = []
    for min_count in (2, 20):
        tokenizer_config = replace(tiny_config.data.tokenizer, min_count=min_count)
        corpus = prepare(replace(tiny_config.data, tokenizer=tokenizer_config))
        counts = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size) + 1.0
        results.append(measured(corpus, -np.log(counts / counts.sum())[corpus.ids["test"]]))
    large, small = results
    assert small.perplexity < 0.5 * large.perplexity
    assert small.counts.out_of_vocabulary_rate > large.counts.out_of_vocabulary_rate
    assert small.bits_per_character is not None
    assert large.bits_per_character is not None
    assert small.bits_per_character > large.bits_per_character


def test_the_interval_is_that_of_the_central_limit_theorem_where_documents_are_many() -> None:
    generator = np.random.default_rng(1)
    tokens = np.full(4000, 50)
    nll = 50 * generator.normal(4, 0.5, size=4000)
    interval = bootstrap_interval(nll, tokens)
    assert interval is not None
    half = 1.96 * 0.5 / math.sqrt(4000)
    low, high = np.log(interval) - nll.sum() / tokens.sum()
    assert (low, high) == (pytest.approx(-half, rel=0.1), pytest.approx(half, rel=0.1))
    assert bootstrap_interval(nll, tokens) == interval


def test_the_interval_weighs_documents_by_their_length() -> None:
    interval = bootstrap_interval(np.array([4000.0, 8.0, 0.0]), np.array([1000, 1, 0]))
    assert interval is not None
    assert math.log(interval[0]) == pytest.approx(4)  # the long one twice
    assert math.log(interval[1]) == pytest.approx(8)  # the short one twice


def test_a_single_document_has_no_interval() -> None:
    assert bootstrap_interval(np.array([3.0]), np.array([2])) is None


def test_a_text_of_unknown_words_alone(corpus: Corpus, tiny_config: TrainConfig) -> None:
    tokenizer = corpus.tokenizer
    ids, offsets = encode_documents(["zyzzyva quux"], tokenizer, tiny_config.data)
    counts = count_text(["zyzzyva quux"], ids, tokenizer)
    text = MeasuredText(ids, offsets, np.zeros(1, dtype=np.int64), [""], counts)
    result = measure(np.ones(3), text, tokenizer, batch_size=1, train_counts_V=None)
    assert result.known_words is None
    assert result.interval is None
    assert result.by_label == result.by_frequency == {}
    assert result.counts.out_of_vocabulary_rate == 1
    assert result.plain()["perplexity_known_words"] is None


def test_held_out_text_is_reported_in_one_stream_and_training_text_as_in_training(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    model = build_model(tiny_config.model, corpus.tokenizer.words())
    for split in ("train", "validation", "test"):
        streams = 3 if split == "train" else 1
        result = measure_split(model, corpus, split, tiny_config.data)
        windows = windows_to_score(corpus.ids[split], eos_id=corpus.tokenizer.eos_id, batch_size=streams)
        expected = Score.of(text_nll(model, windows))
        assert result.batch_size == streams
        assert result.whole == expected


def test_of_a_long_training_text_stretches_from_all_over_it_are_measured(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    model = build_model(tiny_config.model, corpus.tokenizer.words())
    whole = MeasuredText.of_split(corpus, "train")
    limit = len(whole.ids) // 4
    part = whole.spread(limit, num_stretches=3, tokenizer=corpus.tokenizer)
    length = limit // 3
    assert len(part.ids) == 3 * length
    text, begins = whole.ids.tolist(), whole.offsets.tolist()
    for number in range(3):
        stretch = part.ids[number * length : (number + 1) * length].tolist()
        place = next(place for place in begins if text[place : place + length] == stretch)
        assert number * len(text) // 3 <= place <= (number + 1) * len(text) // 3 - length
    documents = [text[begin:end] for begin, end in itertools.pairwise(begins)]
    for label, (begin, end) in zip(part.labels, itertools.pairwise(part.offsets), strict=True):
        if found := part.ids[begin:end].tolist():
            assert label in {whole.labels[place] for place, each in enumerate(documents) if each[: len(found)] == found}
    assert part.counts.unknown_tokens == part.ids.tolist().count(corpus.tokenizer.unk_id)
    result = measure_split(model, corpus, "train", replace(tiny_config.data, report_train_tokens=limit))
    assert result.num_tokens == 3 * length
    assert result.bits_per_character is None
    apart = [
        text_nll(model, windows_to_score(part.ids[k * length : (k + 1) * length], eos_id=1, batch_size=1))
        for k in range(3)
    ]
    assert result.nll == pytest.approx(np.concatenate(apart).mean(), rel=1e-5)


def test_of_one_long_document_stretches_begin_within(corpus: Corpus) -> None:
    text = MeasuredText.of_split(corpus, "test")
    one = text._replace(offsets=np.array([0, len(text.ids)]), labels=text.labels[:1])
    part = one.spread(50, num_stretches=2, tokenizer=corpus.tokenizer)
    half = len(text.ids) // 2
    assert part.ids.tolist() == [*text.ids[:25].tolist(), *text.ids[half : half + 25].tolist()]
    assert part.offsets.tolist() == [0, 25, 50]
    assert part.labels.tolist() == [text.labels[0]] * 2
