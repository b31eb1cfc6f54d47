"""The plan of the splits: every document once, without what is dropped, in blocks of bounded size."""

from pathlib import Path

import pytest

from halo.config import SPLITS
from halo.corpus.dedup.duplicates import DuplicatePassage, Duplicates, Example
from halo.corpus.splits import split_plan
from halo.corpus.splits.split_plan import plan_splits
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.store.test_token_store import store_of

NOTHING = Duplicates(frozenset(), {}, ())
TEXTS = [f"first {i}\n\nsecond {i}" for i in range(10)]


@pytest.mark.parametrize("block_tokens", [1, 2**20])
def test_blocks_hold_every_paragraph_but_the_dropped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_tokens: int
) -> None:
    monkeypatch.setattr(split_plan, "BLOCK_TOKENS", block_tokens)
    duplicates = Duplicates(frozenset({3}), {5: frozenset({0})}, ())
    with store_of(TEXTS, tmp_path) as store:
        plan = plan_splits(store, duplicates, data_config())
        found: list[str] = []
        for name in SPLITS:
            for block in plan.blocks(name, store):
                found += store.paragraphs(block.tokens)
                assert len(block.document) == len(block.ends_document) == (block.tokens == 0).sum()
        ends = sum(int(block.ends_document.sum()) for name in SPLITS for block in plan.blocks(name, store))
    kept = [text.split("\n\n") for number, text in enumerate(TEXTS) if number != 3]
    expected = [line for lines in kept for line in lines if line != "first 5"]
    assert sorted(found) == sorted(expected)
    assert ends == len(kept)


def test_a_single_document_is_cut_into_three_contiguous_parts(tmp_path: Path) -> None:
    lines = [f"paragraph {i}" for i in range(10)]
    with store_of(["\n\n".join(lines)], tmp_path) as store:
        plan = plan_splits(store, NOTHING, data_config())
        blocks = [block for name in SPLITS for block in plan.blocks(name, store)]
        assert [line for block in blocks for line in store.paragraphs(block.tokens)] == lines
        assert len(blocks) == 3


@pytest.mark.parametrize(("texts", "count"), [(["one\n\ntwo"], 2), (["one"], 1), (["one\n\ntwo", "three"], 2)])
def test_too_few_paragraphs_cannot_be_divided(tmp_path: Path, texts: list[str], count: int) -> None:
    message = (
        rf": {len(texts)} document\(s\) of at most {count} paragraph\(s\) cannot be divided into .*; break the text"
    )
    with store_of(texts, tmp_path) as store, pytest.raises(InputError, match=message):
        plan_splits(store, NOTHING, data_config())


def test_of_two_documents_the_one_that_cannot_be_cut_is_training_text(tmp_path: Path) -> None:
    with store_of(["one\n\ntwo\n\nthree", "four"], tmp_path) as store:
        plan = plan_splits(store, NOTHING, data_config())
        found = {
            name: [line for b in plan.blocks(name, store) for line in store.paragraphs(b.tokens)] for name in SPLITS
        }
    assert found == {"train": ["one", "four"], "validation": ["two"], "test": ["three"]}


def test_what_duplicates_leave_too_little_of_is_refused_with_the_settings_that_keep_it(tmp_path: Path) -> None:
    dropped = DuplicatePassage("document", "near", "file 1", 0, "file 0", 0, "", 0.9)
    duplicates = Duplicates(frozenset({1, 2}), {}, (dropped, dropped), example=Example("a 1", "a 2"))
    message = (
        r"^data\.path=.*: too little is left .*, since duplicates were dropped \(2 near documents; the text has 3 "
        r"documents\), such as 'a 1', which resembles 'a 2'; keep them with data\.duplicates\.documents=false"
    )
    with store_of(["a 0", "a 1", "a 2"], tmp_path) as store, pytest.raises(InputError, match=message):
        plan_splits(store, duplicates, data_config())
