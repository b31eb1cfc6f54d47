"""Membership inference: can an attacker tell from a model's loss which passages it was trained on?

Shape letters: P passages, L tokens of a passage, R resamples, G documents, V words of the vocabulary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from halo.auditing.passages import Passages
from halo.corpus.corpus import Corpus
from halo.evaluation.bootstrap import CONFIDENCE, Interval
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, evaluation_mode
from halo.models.ngram.kneser_ney import KneserNey
from halo.runtime.array_types import IntArray

Floats = npt.NDArray[np.float64]
PassageIds = Sequence[npt.NDArray[Any]] | npt.NDArray[Any]
Documents = Sequence[int] | npt.NDArray[Any]

FALSE_POSITIVES = 0.01
"""The share of non-members that an attacker may wrongly accuse."""

MIN_NON_MEMBERS = round(1 / FALSE_POSITIVES)
"""With fewer non-members that share cannot be measured: a single one is more."""

LOWEST_SHARE = 0.2
"""The share k of the least likely tokens that min-k% looks at."""

TOKENS_AT_ONCE = 2_000
FOLDS = 5
RESAMPLES = 1000

ATTACKS = {
    "loss": "loss",
    "loss_over_ngram": "loss over n-gram",
    "min_k": "min-20% probability",
}
"""The title of each attack."""

CONTROLS = {"ngram_alone": "n-gram alone", "tfidf": "words alone (TF-IDF)"}
"""The title of each control: an attacker who does not have the model, only the two splits or text like them."""


class Reference(Protocol):
    """A model of the same kind of text that has not seen the members, such as `KneserNey`."""

    def nll(self, ids: npt.NDArray[Any], /) -> Floats:
        """Returns the negative log-likelihood of each token of a text, in nats, shape (num_tokens,)."""


@dataclass(frozen=True)
class AttackResult:
    """How well one attack tells members from non-members.

    Attributes:
        auc: Probability that a member looks more like a member than a non-member does; 0.5 is guessing, 1 is certainty.
        auc_interval: Its 95% interval over documents.
        tpr: Share of the members that are found while at most 1% of the non-members are accused; 0.01 is guessing.
            None with fewer than 100 non-members.
        tpr_interval: Its 95% interval over documents.
    """

    auc: float
    auc_interval: Interval
    tpr: float | None
    tpr_interval: Interval | None


@dataclass(frozen=True)
class MembershipResult:
    """The outcome of all attacks and controls.

    Attributes:
        passages: Number of members and of non-members.
        documents: Number of documents that they come from.
        passage_tokens: Tokens of a passage.
        attacks: The result of each of `ATTACKS`.
        controls: The result of each of `CONTROLS` that could be measured. An attack tells of the model only where it
            does better than these.
    """

    passages: tuple[int, int]
    documents: tuple[int, int]
    passage_tokens: int
    attacks: dict[str, AttackResult]
    controls: dict[str, AttackResult]

    def as_json(self) -> dict[str, Any]:
        """Returns the result as plain data, as written to audit.json."""
        plain = asdict(self)
        for group in ("attacks", "controls"):
            for result in plain[group].values():
                for name in ("auc_interval", "tpr_interval"):
                    result[name] = None if result[name] is None else list(result[name])
        return {**plain, "passages": list(self.passages), "documents": list(self.documents)}


def measure_membership(
    model: LanguageModel,
    members: PassageIds,
    non_members: PassageIds,
    *,
    reference: Reference,
    seed: int,
    member_documents: Documents | None = None,
    non_member_documents: Documents | None = None,
    resamples: int = RESAMPLES,
) -> MembershipResult:
    """Returns how well three attacks tell passages of the training text from others, beside two controls.

    Attacks: `loss`, the mean loss of the passage (Yeom et al. 2018, Privacy risk in machine learning);
    `loss_over_ngram`, the loss minus that of the reference, which knows how hard the passage is for anybody (Watson et
    al. 2022, On the importance of difficulty calibration); `min_k`, the mean of the least likely 20% of its tokens (Shi
    et al. 2024, Detecting pretraining data from large language models). The true-positive rate at 1% false positives
    says how many passages an attacker can be sure of (Carlini et al. 2022, Membership inference attacks from first
    principles).

    Controls: the reference without the model, and a logistic regression on TF-IDF weights of the words, trained on
    other documents. If they tell the passages apart, the passages differ in more than membership.

    The first token of a passage is context only. Each passage is read without the text before it.

    Args:
        model: The model, on its own device.
        members: Token ids of passages of the training text, all of one length, shape (L,) each.
        non_members: Those of passages of held-out text, of the same length; `choose_passages` finds suitable ones.
        reference: A model of such text that has seen neither.
        seed: Seed of the resamples and of the folds of the TF-IDF control.
        member_documents: The document of each member: passages of a document depend on each other, so whole documents
            are resampled. None: each passage is a document of its own.
        non_member_documents: The document of each non-member.
        resamples: Number of resamples behind the intervals.
    """
    ids_PL = np.stack([*members, *non_members]).astype(np.int64)
    is_member_P = np.arange(len(ids_PL)) < len(members)
    documents_P = _documents(member_documents, non_member_documents, is_member_P)
    nll_PL = passage_nll(model, ids_PL)
    reference_P = np.array([reference.nll(ids)[1:].mean() for ids in ids_PL])
    lowest = max(1, round(LOWEST_SHARE * nll_PL.shape[1]))
    scores = {
        "loss": -nll_PL.mean(axis=1),
        "loss_over_ngram": reference_P - nll_PL.mean(axis=1),
        "min_k": -np.sort(nll_PL, axis=1)[:, -lowest:].mean(axis=1),
        "ngram_alone": -reference_P,
    }
    by_words_P = _scores_by_words(ids_PL, is_member_P, documents_P, seed=seed)
    if by_words_P is not None:
        scores["tfidf"] = by_words_P
    weights_RP = _resampled_weights(documents_P, is_member_P, resamples=resamples, seed=seed)
    results = {name: _attack(scores_P, is_member_P, weights_RP) for name, scores_P in scores.items()}
    return MembershipResult(
        passages=(len(members), len(non_members)),
        documents=(len(np.unique(documents_P[is_member_P])), len(np.unique(documents_P[~is_member_P]))),
        passage_tokens=ids_PL.shape[1],
        attacks={name: results[name] for name in ATTACKS},
        controls={name: results[name] for name in CONTROLS if name in results},
    )


def attack_passages(model: LanguageModel, passages: Passages, corpus: Corpus, *, seed: int) -> MembershipResult:
    """Returns the outcome for the passages that `choose_passages` found; the reference is a Kneser-Ney model.

    Args:
        model: The model that was trained on the corpus.
        passages: Passages of the corpus.
        corpus: The corpus.
        seed: As in `measure_membership`.
    """
    vocab_size, eos_id = corpus.tokenizer.vocab_size, corpus.tokenizer.eos_id
    return measure_membership(
        *(model, passages.members, passages.non_members),
        reference=KneserNey(passages.reference_ids, vocab_size, eos_id=eos_id),
        seed=seed,
        member_documents=passages.member_documents,
        non_member_documents=passages.non_member_documents,
    )


@torch.no_grad()
def passage_nll(model: LanguageModel, ids_PL: IntArray) -> Floats:
    """Returns the negative log-likelihood of the tokens of each passage after its first, in nats, shape (P, L - 1).

    Args:
        model: Evaluated without dropout, on its own device.
        ids_PL: Token ids of each passage; each is read from a reset state.
    """
    device = next(model.parameters()).device
    ids = torch.from_numpy(np.asarray(ids_PL, dtype=np.int64))
    at_once = max(1, TOKENS_AT_ONCE // ids.shape[1])
    with evaluation_mode(model), cached_weights(model):
        parts = []
        for some in torch.split(ids, at_once):
            outputs = model.read(some[:, :-1].to(device), None)
            parts.append(model.nll(outputs, some[:, 1:].to(device)).double().cpu())
    found: Floats = torch.cat(parts).numpy()
    return found


def _documents(
    member_documents: Documents | None,
    non_member_documents: Documents | None,
    is_member_P: npt.NDArray[np.bool_],
) -> IntArray:
    """Returns the document of each passage; no document of members has the number of one of non-members."""
    numbers = []
    for given, number in ((member_documents, is_member_P.sum()), (non_member_documents, (~is_member_P).sum())):
        numbers.append(np.arange(number) if given is None else np.unique(given, return_inverse=True)[1])
    return np.concatenate([numbers[0], numbers[1] + numbers[0].max() + 1])


def _resampled_weights(
    documents_P: IntArray, is_member_P: npt.NDArray[np.bool_], *, resamples: int, seed: int
) -> IntArray:
    """Returns how often each passage is in each resample of documents, of members and non-members apart."""
    generator = np.random.default_rng(seed)
    weights_RG = np.zeros((resamples, documents_P.max() + 1), dtype=np.int64)
    for is_side_P in (is_member_P, ~is_member_P):
        side = np.unique(documents_P[is_side_P])
        chances = np.full(len(side), 1 / len(side))
        weights_RG[:, side] = generator.multinomial(len(side), chances, size=resamples)
    return weights_RG[:, documents_P]


def _attack(scores_P: Floats, is_member_P: npt.NDArray[np.bool_], weights_RP: IntArray) -> AttackResult:
    aucs, tprs = _aucs_and_tprs(scores_P, is_member_P, np.concatenate([np.ones_like(weights_RP[:1]), weights_RP]))
    levels = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    auc_interval, tpr_interval = (Interval(*np.quantile(values[1:], levels).tolist()) for values in (aucs, tprs))
    if (~is_member_P).sum() < MIN_NON_MEMBERS:
        return AttackResult(float(aucs[0]), auc_interval, None, None)
    return AttackResult(float(aucs[0]), auc_interval, float(tprs[0]), tpr_interval)


def _aucs_and_tprs(scores_P: Floats, is_member_P: npt.NDArray[np.bool_], weights_RP: IntArray) -> tuple[Floats, Floats]:
    """Returns the area under the ROC curve, and the true-positive rate where at most 1% are false positives.

    The same as `sklearn.metrics.roc_curve`, for many weights of the passages at once, each of shape (R,).
    """
    order = np.argsort(-scores_P)
    is_last_of_equals = np.append(np.diff(scores_P[order]) != 0, True)
    rates = []
    for is_side_P in (is_member_P, ~is_member_P):
        found_RP = np.cumsum(weights_RP[:, order] * is_side_P[order], axis=1)[:, is_last_of_equals]
        rates.append(np.pad(found_RP / found_RP[:, -1:], ((0, 0), (1, 0))))
    true_RP, false_RP = rates
    aucs_R = (np.diff(false_RP) * (true_RP[:, 1:] + true_RP[:, :-1]) / 2).sum(axis=1)  # the trapezoidal rule
    tprs_R = np.where(false_RP <= FALSE_POSITIVES + 1e-12, true_RP, 0).max(axis=1)
    return aucs_R, tprs_R


def _scores_by_words(
    ids_PL: IntArray, is_member_P: npt.NDArray[np.bool_], documents_P: IntArray, *, seed: int
) -> Floats | None:
    """Returns how much like a member each passage looks to a classifier of words that saw other documents only.

    The scores of each fold are replaced by their ranks, since those of different classifiers cannot be compared. None
    where there are too few documents for two folds.
    """
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline

    folds = min(FOLDS, *(len(np.unique(documents_P[side])) for side in (is_member_P, ~is_member_P)))
    if folds < 2:
        return None
    rows = np.repeat(np.arange(len(ids_PL)), ids_PL.shape[1])
    counts_PV = csr_array((np.ones(ids_PL.size), (rows, ids_PL.ravel())))
    scores_P = np.zeros(len(ids_PL))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for trained, attacked in splitter.split(counts_PV, is_member_P, documents_P):
        classifier = make_pipeline(TfidfTransformer(sublinear_tf=True), LogisticRegression(max_iter=1000))
        classifier.fit(counts_PV[trained], is_member_P[trained])
        found = classifier.decision_function(counts_PV[attacked])
        scores_P[attacked] = (np.argsort(np.argsort(found)) + 0.5) / len(found)
    return scores_P


def membership_rows(result: Mapping[str, Any]) -> list[list[str]]:
    """Returns a row of text for each attack and control: title, AUC, true-positive rate, with their intervals.

    Args:
        result: What `MembershipResult.as_json` returned.
    """
    rows = []
    for group, titles in (("attacks", ATTACKS), ("controls", CONTROLS)):
        for name, found in result[group].items():
            auc = _with_interval(found["auc"], found["auc_interval"], ".2f")
            rows.append([titles[name], auc, _with_interval(found["tpr"], found["tpr_interval"], ".1%")])
    return rows


def _with_interval(value: float | None, interval: Sequence[float] | None, how: str) -> str:
    """Returns a figure with its interval.

    >>> _with_interval(0.614, [0.58, 0.652], ".2f"), _with_interval(None, None, ".1%")
    ('0.61 (0.58-0.65)', '-')
    """
    if value is None or interval is None:
        return "-"
    return f"{value:{how}} ({interval[0]:{how}}-{interval[1]:{how}})"
