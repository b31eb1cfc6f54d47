"""Passages of training and of held-out text that differ in as little as possible but having been trained on.

Shape letters: P passages, C candidates, L tokens of a passage, V words of the vocabulary, F measures of a passage.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.corpus.corpus import Corpus
from halo.models.ngram.unigram import token_counts
from halo.runtime.array_types import IntArray

PASSAGE_TOKENS = 50
MAX_PASSAGES = 500
MAX_CANDIDATES = 10_000
"""Training passages that are candidates for one held-out passage or another: matching takes quadratic time."""


@dataclass(frozen=True)
class Passages:
    """Passages of the same number and length from both splits, and the training text that a reference may count.

    Attributes:
        members: Token ids of passages of the training split, shape (P, L).
        non_members: Token ids of passages of the held-out split, shape (P, L).
        member_documents: The number of the document of each member, shape (P,).
        non_member_documents: That of each non-member, shape (P,).
        reference_ids: Token ids of other training documents, none of which a member comes from.
        unknown_shares: The share of `<unk>` among the tokens of members and of non-members.
        log_frequencies: The mean logarithm of the frequency of their words in the reference text, likewise.
    """

    members: IntArray
    non_members: IntArray
    member_documents: IntArray
    non_member_documents: IntArray
    reference_ids: npt.NDArray[Any]
    unknown_shares: tuple[float, float]
    log_frequencies: tuple[float, float]


def choose_passages(
    corpus: Corpus,
    *,
    seed: int,
    held_out: str = "test",
    length: int = PASSAGE_TOKENS,
    max_passages: int = MAX_PASSAGES,
) -> Passages | None:
    """Returns members and non-members for an attack on membership; None if a split is too short for two of each.

    A model gives a higher loss to held-out text than to training text for a reason that has nothing to do with memory:
    the two differ, in topic and in the number of unknown words, of which training text has fewer because the vocabulary
    was made from it. Attacks that are measured without regard to this look successful although they only tell topics
    apart (Duan et al. 2024; Meeus et al. 2024, SoK: Membership inference attacks on LLMs are rushing nowhere). So each
    held-out passage is paired with the training passage that is most like it in the share of `<unk>` and in the mean
    frequency of its words. The training documents are divided at random: members come from one half, and a reference
    model counts the other, as does the frequency of words, so that neither has seen the members.

    Args:
        corpus: The prepared text.
        seed: Seed of the choice of documents and passages.
        held_out: The split of the non-members: `test` or `validation`.
        length: Tokens of a passage.
        max_passages: Largest number of passages of each kind.
    """
    generator = np.random.default_rng(seed)
    train_ids, train_offsets = corpus.ids["train"], np.asarray(corpus.offsets["train"])
    if len(train_offsets) == 2:  # a single document is divided in its middle
        train_offsets = np.array([0, len(train_ids) // 2, len(train_ids)])
    is_attacked = _attacked_half(train_offsets, generator)
    candidates, candidate_documents = _draw(
        *(train_ids, train_offsets, np.flatnonzero(is_attacked)),
        length=length,
        number=MAX_CANDIDATES,
        generator=generator,
    )
    held_offsets = np.asarray(corpus.offsets[held_out])
    non_members, non_member_documents = _draw(
        *(corpus.ids[held_out], held_offsets, np.arange(len(held_offsets) - 1)),
        length=length,
        number=min(max_passages, len(candidates)),
        generator=generator,
    )
    if len(non_members) < 2:
        return None
    others = np.flatnonzero(~is_attacked)
    reference_ids = np.concatenate([train_ids[train_offsets[each] : train_offsets[each + 1]] for each in others])
    counts_V = token_counts(reference_ids, corpus.tokenizer.vocab_size)
    unk_id = corpus.tokenizer.unk_id
    candidates_CF, held_PF = (_measures(ids, counts_V, unk_id) for ids in (candidates, non_members))
    chosen = _most_alike(held_PF, candidates_CF)
    both = [measures.mean(axis=0).tolist() for measures in (candidates_CF[chosen], held_PF)]
    return Passages(
        members=candidates[chosen],
        non_members=non_members,
        member_documents=candidate_documents[chosen],
        non_member_documents=non_member_documents,
        reference_ids=reference_ids,
        unknown_shares=(both[0][0], both[1][0]),
        log_frequencies=(both[0][1], both[1][1]),
    )


def _most_alike(held_PF: npt.NDArray[Any], candidates_CF: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns for each held-out passage a training passage of its own, such that all pairs together differ least."""
    from scipy.optimize import linear_sum_assignment  # takes time to import

    spread_F = held_PF.std(axis=0) + 1e-9
    costs_PC = np.square((held_PF[:, None] - candidates_CF[None]) / spread_F).sum(axis=2)
    _, chosen = linear_sum_assignment(costs_PC)
    return np.asarray(chosen)


def _attacked_half(offsets: npt.NDArray[Any], generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Returns which documents members may come from: drawn at random, with half of the tokens."""
    order = generator.permutation(len(offsets) - 1)
    lengths = np.diff(offsets)[order]
    is_attacked = np.zeros(len(order), dtype=bool)
    is_attacked[order] = np.cumsum(lengths) - lengths < offsets[-1] / 2
    return is_attacked


def _draw(
    ids: npt.NDArray[Any],
    offsets: npt.NDArray[Any],
    documents: IntArray,
    *,
    length: int,
    number: int,
    generator: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Returns passages that do not overlap, drawn from all that documents have, and the document of each."""
    starts = [
        (start, document)
        for document in documents.tolist()
        for start in range(offsets[document], offsets[document + 1] - length + 1, length)
    ]
    kept = np.sort(generator.permutation(len(starts))[:number])
    passages = np.array([ids[starts[each][0] : starts[each][0] + length] for each in kept], dtype=np.int64)
    return passages.reshape(-1, length), np.array([starts[each][1] for each in kept], dtype=np.int64)


def _measures(ids_PL: IntArray, counts_V: IntArray, unk_id: int) -> npt.NDArray[np.float64]:
    """Returns the share of `<unk>` and the mean logarithm of the frequency of the words, shape (P, 2)."""
    frequencies_V = np.log((counts_V + 1.0) / (counts_V.sum() + len(counts_V)))
    return np.stack([(ids_PL == unk_id).mean(axis=1), frequencies_V[ids_PL].mean(axis=1)], axis=1)
