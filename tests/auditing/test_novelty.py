"""Tests of halo.auditing.novelty."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.auditing import novelty
from halo.auditing.novelty import (
    SIZES,
    Copying,
    excess_curve,
    known_ahead,
    measure_copying,
    novelty_curve,
)
from halo.auditing.training_text import Integers, TrainingText

UNKNOWN = 0


def train_text(ids: Integers, *, documents: int = 1) -> TrainingText:
    offsets = np.linspace(0, len(ids), documents + 1).astype(np.int64)
    return TrainingText(ids.astype(np.uint16), excluded=[UNKNOWN], offsets_D=offsets)


def measured(train: TrainingText, texts: list[Integers]) -> Copying:
    return measure_copying(train, texts, groups=range(len(texts)), excluded=[UNKNOWN])


def ngrams(ids: list[int], size: int) -> list[tuple[int, ...]]:
    found = (tuple(ids[start : start + size]) for start in range(len(ids) - size + 1))
    return [each for each in found if UNKNOWN not in each]


TEXTS = st.lists(st.integers(0, 2), min_size=1, max_size=60)


@given(train=TEXTS, texts=st.lists(TEXTS, min_size=1, max_size=3))
def test_the_curve_equals_a_plain_count(train: list[int], texts: list[list[int]]) -> None:
    counts = measured(train_text(np.array(train)), [np.array(text) for text in texts]).counts
    for index, size in enumerate(SIZES):
        known = {*ngrams(train, size)}
        for group, text in enumerate(texts):
            own = ngrams(text, size)
            assert counts.counted_GS[group, index] == len(own)
            assert counts.copied_GS[group, index] == sum(each in known for each in own)


@given(text=TEXTS)
def test_tokens_are_known_up_to_the_next_unknown_one(text: list[int]) -> None:
    ahead = known_ahead(np.array(text), [UNKNOWN]).tolist()
    for start, size in enumerate(ahead):
        assert UNKNOWN not in text[start : start + size]
        assert start + size == len(text) or text[start + size] == UNKNOWN


@pytest.fixture(scope="module")
def random_text() -> Integers:
    return np.random.default_rng(1).integers(1, 1000, 4000)


def test_a_copied_span_is_found_with_its_place_and_number(random_text: Integers) -> None:
    secret = random_text[2500:2530]
    text = np.concatenate([np.full(20, 1001), secret, np.full(20, 1001)])
    copied = measured(train_text(random_text, documents=4), [text])
    (span,) = copied.spans
    assert (span.ids, span.place, span.document) == (tuple(secret.tolist()), 2500, 2)
    assert (span.occurrences, span.documents, copied.longest) == (1, 1, 30)
    twice = measured(train_text(np.concatenate([random_text, secret]), documents=4), [text]).spans[0]
    assert (twice.occurrences, twice.documents) == (2, 2)


def test_spans_within_another_are_not_listed(random_text: Integers) -> None:
    text = np.concatenate([random_text[:9], random_text[100:130], random_text[5:9]])
    spans = measured(train_text(random_text), [text]).spans
    assert [len(span.ids) for span in spans] == [30, 9, 4]


def test_copies_exceed_a_control_of_other_text(random_text: Integers) -> None:
    train = train_text(random_text)
    generator = np.random.default_rng(2)
    control = measured(train, [generator.integers(1, 1000, 100) for _ in range(20)])
    copies = measured(train, [random_text[start : start + 100] for start in range(0, 2000, 100)])
    value, low, high = excess_curve(copies.counts, control.counts, seed=1).at(10)
    assert value == low == high == 1.0
    same = excess_curve(control.counts, control.counts, seed=1)
    value, low, high = same.at(4)
    assert value == 0.0
    assert low <= 0.0 <= high


def test_intervals_need_two_groups_and_narrow_with_more(random_text: Integers) -> None:
    train = train_text(random_text)
    generator = np.random.default_rng(3)
    half = [np.where(generator.random(1) < 0.5, random_text[at : at + 60], 1001) for at in range(0, 3600, 60)]
    one = novelty_curve(measured(train, half[:1]).counts, seed=1)
    assert np.isnan(one.low_S).all()
    assert one.as_json()["low"][0] is None
    widths = []
    for number in (10, 60):
        value, low, high = novelty_curve(measured(train, half[:number]).counts, seed=1).at(4)
        assert low <= value <= high
        widths.append(high - low)
    assert widths[1] < widths[0]


def test_sizes_without_an_ngram_have_no_value(random_text: Integers) -> None:
    curve = novelty_curve(measured(train_text(random_text), [random_text[:10], random_text[20:30]]).counts, seed=1)
    assert curve.at(10)[0] == 1.0
    assert np.isnan(curve.at(11)[0])


def test_the_number_of_listed_spans_is_limited(random_text: Integers) -> None:
    texts = [random_text[at : at + 5] for at in range(0, 200, 20)]
    assert len(measured(train_text(random_text), texts).spans) == novelty.MAX_SPANS
