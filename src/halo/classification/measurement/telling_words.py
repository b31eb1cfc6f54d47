"""Which words a classifier's decision rests on, found by leaving them out.

Shape letters: N texts, C classes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.measurement.figures import Floats
from halo.classification.probabilities import predict_logits, softmax
from halo.scoring.comparison.statistics import sign_flip_p_value
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

MAX_READ = 200_000
"""Tokens that are read to explain one decision, which bounds the time: about all words of a text of 400 tokens."""
PART_FOR_GROUPS = 3
"""Of a longer text, a third of the readings go to groups of words, to find out which words are worth one."""
REMOVED = 3
"""Number of words that are left out to check an explanation."""
RANDOM_DRAWS = 5
"""Number of random choices of words that are left out for comparison."""
CERTAIN = 1e-9
"""Distance from 0 and 1 that probabilities keep, so that their log-odds are finite."""

PredictIds = Callable[[Sequence[TokenIds]], Floats]
"""The token ids of texts -> the probability of each class, shape (N, C)."""


class ExplainedWord(NamedTuple):
    """A word of a text.

    Attributes:
        text: The word; `<unk>` for one outside the vocabulary.
        effect: By how much the log-odds of the predicted class fall if the word is left out wherever it occurs:
            positive for a word that speaks for the class, negative for one against it; None if it was not looked at.
    """

    text: str
    effect: float | None


class Explanation(NamedTuple):
    """Why a classifier has decided as it did.

    Attributes:
        predicted: The class that is explained, as an index of the labels.
        probability: Its probability.
        words: The words of the text in its order.
    """

    predicted: int
    probability: float
    words: list[ExplainedWord]

    def most_telling(self, number: int) -> list[ExplainedWord]:
        """Returns the words that speak most for the class, each once, the strongest first."""
        effects = {word.text: word.effect for word in self.words if word.effect is not None and word.effect > 0}
        ordered = sorted(effects.items(), key=lambda item: -item[1])
        return [ExplainedWord(text, effect) for text, effect in ordered[:number]]


class Faithfulness(NamedTuple):
    """Whether the words that an explanation names do more than other words.

    Attributes:
        documents: Number of texts.
        telling: Mean fall of the probability if the three most telling words are left out.
        random: Mean fall if three random words are left out.
        p_value: One-sided p-value of a sign-flip test over the texts; None with fewer than two.
    """

    documents: int
    telling: float
    random: float
    p_value: float | None


def explain(classifier: ClassifierBundle, ids: TokenIds, *, target: int | None = None) -> Explanation:
    """Returns why a classifier decides as it does on a text.

    Args:
        classifier: The classifier.
        ids: The token ids of the text.
        target: The class to explain; None for the predicted one.
    """
    return explain_ids(ids, classifier.tokenizer, predict_ids_of(classifier), target=target)


def predict_ids_of(classifier: ClassifierBundle) -> PredictIds:
    """Returns the function that predicts the calibrated probabilities of texts as token ids."""

    def predict(documents: Sequence[TokenIds]) -> Floats:
        return softmax(predict_logits(classifier.model, documents) / classifier.temperature)

    return predict


def explain_ids(
    ids: TokenIds, tokenizer: TextTokenizer, predict: PredictIds, *, target: int | None = None
) -> Explanation:
    """Returns the effect of each word on a decision.

    A word is left out wherever it occurs, and the log-odds of the class with and without it are compared: the weight of
    evidence of Robnik-Sikonja and Kononenko (2008, Explaining Classifications for Individual Instances), for networks
    known as erasure (Li et al. 2016, Understanding Neural Networks through Representation Erasure). It needs no
    gradients, so it works for every architecture, and says what it measures: the model's own change of mind. Of a long
    text, groups of words that follow each other are left out first, and then the single words of the most telling ones.

    Args:
        ids: The token ids of the text.
        tokenizer: Its vocabulary.
        predict: Predicts texts.
        target: The class to explain; None for the predicted one.
    """
    spans = word_spans(ids, tokenizer)
    texts = [tokenizer.decode_paragraph(ids[begin:end].tolist()).strip() for begin, end in spans]
    different = list(dict.fromkeys(text for text in texts if text))
    affordable = max(1, MAX_READ // max(1, len(ids)))
    looked_at = different
    if len(different) > affordable:
        looked_at = _promising_words(ids, spans, texts, predict, number=affordable, target=target)
    without = [without_words(ids, spans, texts, {word}) for word in looked_at]
    can_remove = [len(each) > 0 for each in without]
    probabilities_NC = predict([ids, *(each for each in without if len(each))])
    chosen = int(probabilities_NC[0].argmax()) if target is None else target
    odds_N = _log_odds(probabilities_NC[:, chosen])
    falls = iter((odds_N[0] - odds_N[1:]).tolist())
    effects = {word: next(falls) if possible else None for word, possible in zip(looked_at, can_remove, strict=True)}
    words = [ExplainedWord(text, effects.get(text)) for text in texts]
    return Explanation(chosen, float(probabilities_NC[0, chosen]), words)


def _promising_words(
    ids: TokenIds,
    spans: Sequence[tuple[int, int]],
    texts: Sequence[str],
    predict: PredictIds,
    *,
    number: int,
    target: int | None,
) -> list[str]:
    """Returns the words of those groups whose absence lowers the log-odds most.

    Args:
        ids: The token ids of the text.
        spans: The begin and end of its words.
        texts: Its words.
        predict: Predicts texts.
        number: Number of texts that may be read, for groups and single words together.
        target: The class to explain; None for the predicted one.
    """
    different = list(dict.fromkeys(text for text in texts if text))
    num_groups = max(2, number // PART_FOR_GROUPS)
    groups = [list(each) for each in np.array_split(np.array(different, dtype=object), num_groups) if len(each)]
    without = [without_words(ids, spans, texts, set(group)) for group in groups]
    probabilities_NC = predict([ids, *(each if len(each) else ids for each in without)])
    chosen = int(probabilities_NC[0].argmax()) if target is None else target
    odds_N = _log_odds(probabilities_NC[:, chosen])
    order = np.argsort(odds_N[1:], kind="stable").tolist()
    return [word for index in order for word in groups[index]][: max(1, number - num_groups)]


def word_spans(ids: TokenIds, tokenizer: TextTokenizer) -> list[tuple[int, int]]:
    """Returns the begin and end of each word among the tokens of a text, without those of `<eos>`.

    Tokens of the kinds `word` and `whitespace` are words; characters and parts of words belong together up to the next
    white space.
    """
    spans: list[tuple[int, int]] = []
    is_inside = False
    for position, token_id in enumerate(ids.tolist()):
        if token_id == tokenizer.eos_id:
            is_inside = False
            continue
        token = tokenizer.token(token_id)
        if tokenizer.kind in ("word", "whitespace") or not is_inside or token[:1].isspace():
            spans.append((position, position + 1))
        else:
            spans[-1] = (spans[-1][0], position + 1)
        is_inside = True
    return spans


def without_words(
    ids: TokenIds, spans: Sequence[tuple[int, int]], texts: Sequence[str], left_out: set[str]
) -> TokenIds:
    """Returns the ids of a text without some words.

    Args:
        ids: The token ids of the text.
        spans: The begin and end of its words.
        texts: Its words.
        left_out: The words that are left out wherever they occur.
    """
    is_kept = np.ones(len(ids), dtype=np.bool_)
    for (begin, end), text in zip(spans, texts, strict=True):
        if text in left_out:
            is_kept[begin:end] = False
    return ids[is_kept]


def check_faithfulness(
    documents: Sequence[TokenIds],
    explanations: Sequence[Explanation],
    tokenizer: TextTokenizer,
    predict: PredictIds,
    *,
    seed: int,
) -> Faithfulness | None:
    """Returns whether leaving out the most telling words changes decisions more than leaving out random ones.

    This is the comprehensiveness of DeYoung et al. (2020, ERASER) beside a random baseline. Texts with fewer than twice
    as many different words as are left out are passed over; None if these are all.

    Args:
        documents: The token ids of texts.
        explanations: Their explanations.
        tokenizer: Their vocabulary.
        predict: Predicts texts.
        seed: Seed of the random words.
    """
    generator = np.random.default_rng(seed)
    falls: list[list[float]] = []
    for ids, explanation in zip(documents, explanations, strict=True):
        texts = [word.text for word in explanation.words]
        different = sorted({word.text for word in explanation.words if word.effect is not None})
        if len(different) < 2 * REMOVED:
            continue
        ranked = list(dict.fromkeys(word.text for word in sorted(explanation.words, key=_rank)))
        choices = [set(ranked[:REMOVED])]
        choices += [set(generator.choice(different, size=REMOVED, replace=False)) for _ in range(RANDOM_DRAWS)]
        spans = word_spans(ids, tokenizer)
        changed = [without_words(ids, spans, texts, choice) for choice in choices]
        probabilities_N = predict(changed)[:, explanation.predicted]
        falls.append([explanation.probability - each for each in probabilities_N.tolist()])
    if not falls:
        return None
    telling_N, random_N = np.array([each[0] for each in falls]), np.array([np.mean(each[1:]) for each in falls])
    p_value = sign_flip_p_value(telling_N - random_N)
    return Faithfulness(len(falls), float(telling_N.mean()), float(random_N.mean()), p_value)


def _rank(word: ExplainedWord) -> float:
    return np.inf if word.effect is None else -word.effect


def _log_odds(probabilities_N: Floats) -> Floats:
    kept_N = np.clip(probabilities_N, CERTAIN, 1 - CERTAIN)
    odds_N: Floats = np.log(kept_N / (1 - kept_N))
    return odds_N
