"""The check that no text of the training split occurs in validation or test."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS
from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.dedup.passages import WHOLE_DOCUMENT, PassageTable
from halo.corpus.dedup.shingles import SHINGLE_UNITS
from halo.corpus.splits.split_plan import SplitPlan
from halo.corpus.store.document_table import NOT_GIVEN
from halo.corpus.store.token_store import TokenStore


def assert_no_leak(store: TokenStore, duplicates: Duplicates, plan: SplitPlan) -> None:
    """Asserts that no document and no long paragraph occurs in two splits, as far as these are compared at all.

    Given validation and test texts may share some, see `Duplicates.shared`. Only whole documents are checked: those
    that are cut contain no repeated paragraph.
    """
    split_of_document = np.full(len(store), NOT_GIVEN, dtype=np.int8)
    for number, name in enumerate(SPLITS):
        split_of_document[plan.documents[name]] = number
    finder = store.duplicate_finder
    if finder.config.documents:
        _assert_no_shared_passage(store, finder.documents, split_of_document, dropped={})
    if finder.config.paragraphs:
        _assert_no_shared_passage(store, finder.paragraphs, split_of_document, dropped=duplicates.paragraphs)


def _assert_no_shared_passage(
    store: TokenStore,
    table: PassageTable,
    split_of_document: npt.NDArray[np.int8],
    *,
    dropped: Mapping[int, frozenset[int]],
) -> None:
    places = zip(table.document.tolist(), table.position.tolist(), strict=True)
    is_kept = np.array([position not in dropped.get(document, ()) for document, position in places], dtype=bool)
    split = split_of_document[table.document]
    chosen = np.flatnonzero(is_kept & (split != NOT_GIVEN) & (table.units >= SHINGLE_UNITS))
    order = chosen[np.lexsort((split[chosen], table.digests[chosen]))]
    same = table.digests[order[1:]] == table.digests[order[:-1]]
    is_given = store.documents.given_splits[table.document[order[:-1]]] != NOT_GIVEN
    may_share = is_given & (split[order[:-1]] != SPLITS.index("train"))
    leaks = np.flatnonzero(same & (split[order[1:]] != split[order[:-1]]) & ~may_share)
    if len(leaks):
        passage = order[leaks[0]]
        position = int(table.position[passage])
        place = "the document" if position == WHOLE_DOCUMENT else f"paragraph {position + 1}"
        raise AssertionError(
            f"a text occurs in two splits, which is a bug in halo: "
            f"{store.documents.source(int(table.document[passage]))}, {place}"
        )
