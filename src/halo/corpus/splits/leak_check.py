"""The check that no paragraph occurs in two splits."""

import numpy as np

from halo.config import SPLITS
from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.splits.split_plan import SplitPlan
from halo.corpus.store.document_table import NOT_GIVEN
from halo.corpus.store.token_store import TokenStore


def assert_no_leak(store: TokenStore, duplicates: Duplicates, plan: SplitPlan) -> None:
    """Asserts that no long paragraph occurs in two splits, provided that paragraphs are compared at all.

    Only whole documents are checked: those that are cut contain no repeated paragraph.
    """
    split_of_document = np.full(len(store), NOT_GIVEN, dtype=np.int8)
    for number, name in enumerate(SPLITS):
        split_of_document[plan.documents[name]] = number
    table = store.duplicate_finder.paragraphs
    dropped = {(document, position) for document, found in duplicates.paragraphs.items() for position in found}
    is_kept = np.array(
        [pair not in dropped for pair in zip(table.document.tolist(), table.position.tolist(), strict=True)],
        dtype=bool,
    )
    split = split_of_document[table.document]
    chosen = np.flatnonzero(is_kept & (split != NOT_GIVEN))
    order = chosen[np.argsort(table.digests[chosen], kind="stable")]
    same = table.digests[order[1:]] == table.digests[order[:-1]]
    leaks = np.flatnonzero(same & (split[order[1:]] != split[order[:-1]]))
    assert not len(leaks), (
        "a paragraph occurs in two splits, which is a bug in halo: "
        f"{store.documents.source(int(table.document[order[leaks[0]]]))}, "
        f"paragraph {table.position[order[leaks[0]]] + 1}"
    )
