"""The plan of the splits: every document once, without what is dropped, in blocks of bounded size."""

from pathlib import Path

import pytest

from halo.config import SPLITS
from halo.corpus.dedup.duplicates import Duplicates
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


def test_a_document_of_two_paragraphs_cannot_be_cut(tmp_path: Path) -> None:
    message = r"^file 0: a document of 2 paragraph\(s\) cannot be divided into train, validation and test; provide more"
    with store_of(["one\n\ntwo"], tmp_path) as store, pytest.raises(InputError, match=message):
        plan_splits(store, NOTHING, data_config())
