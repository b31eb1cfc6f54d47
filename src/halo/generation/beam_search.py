"""Beam search: the likeliest texts instead of random ones.

Shape letters: B beams, V tokens of the vocabulary, C candidates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from halo.config import SamplingConfig
from halo.generation.context import read_context
from halo.generation.generator import Sample, repeat
from halo.generation.repetition import Repetition
from halo.generation.sampling import require_candidates
from halo.generation.step_decoder import predicting, step_decoder
from halo.generation.stopping import Stops
from halo.generation.stream import without_unknown
from halo.models.language_model import LanguageModel
from halo.tokenization.tokenizer import TextTokenizer


class _Beam(NamedTuple):
    """A text that is being written, or has ended.

    Attributes:
        ids: The tokens after the prompt.
        logprobs: The log-probability of each under the model.
        ranks: The rank of each, `<unk>` not counted.
        score: The sum of the log-probabilities with penalties.
    """

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    ranks: tuple[int, ...]
    score: float

    @property
    def mean(self) -> float:
        """The score per token, by which texts of different lengths are compared."""
        return self.score / len(self.ids)


def beam_search(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: Sequence[int],
    *,
    beams: int,
    sampling: SamplingConfig,
    stops: Stops | None = None,
    dtype: str = "float32",
) -> list[Sample]:
    """Returns the likeliest continuations of a prompt that the search finds, the likeliest first.

    At each step the `beams` likeliest of all continuations of the texts so far are kept, so what is found is not
    always the likeliest text of all. Texts that a stop has ended are compared with the others by their mean
    log-probability per token, since a sum prefers short texts (length normalisation).

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt; may be empty.
        beams: Number of texts that are kept at each step; up to as many are returned.
        sampling: The largest number of tokens of each text, and the limits on repetition; nothing is drawn.
        stops: Words or strings that end a text; None for none.
        dtype: Number format of the weights, as in `step_decoder`.

    Raises:
        InputError: This model or this machine does not support `dtype`, or the predictions are not finite numbers.
    """
    with predicting(model):
        decode_step = step_decoder(model, dtype=dtype)
        context = read_context(model, tokenizer, prompt_ids)
        logits_BV, state = repeat(context, 1)
        penalty, length = sampling.repetition_penalty, sampling.no_repeat_ngram
        repetition = Repetition(context.ids, 1, penalty=penalty, no_repeat_ngram=length)
        running, ended = [_Beam((), (), (), 0.0)], []
        for number in range(sampling.num_words):
            candidates, rows = _extend(running, logits_BV, repetition, unk_id=tokenizer.unk_id, number=beams)
            repetition.select(rows)
            repetition.add([beam.ids[-1] for beam in candidates])
            is_ended = [stops is not None and stops.end(beam.ids) for beam in candidates]
            ended += [beam for beam, ends in zip(candidates, is_ended, strict=True) if ends]
            ended = sorted(ended, key=lambda beam: -beam.mean)[:beams]
            places = [place for place, ends in enumerate(is_ended) if not ends]
            running = [candidates[place] for place in places]
            if not running or number == sampling.num_words - 1:
                break
            repetition.select(places)
            kept_B = torch.tensor([rows[place] for place in places], device=logits_BV.device)
            ids_B = torch.tensor([beam.ids[-1] for beam in running], device=logits_BV.device)
            state = [tuple(tensor.index_select(0, kept_B) for tensor in layer) for layer in state]
            logits_BV, state = decode_step(ids_B, state)
    best = sorted([*ended, *running], key=lambda beam: -beam.mean)[:beams]
    return [Sample([*beam.ids], [*beam.logprobs], [*beam.ranks]) for beam in best]


def _extend(
    beams: list[_Beam], logits_BV: Tensor, repetition: Repetition, *, unk_id: int, number: int
) -> tuple[list[_Beam], list[int]]:
    """Returns the likeliest continuations of all beams by a token, and which beam each continues."""
    limited_BV = repetition.limit(without_unknown(logits_BV, unk_id))
    require_candidates(limited_BV)
    log_probs_BV = logits_BV.float().log_softmax(-1)
    known_BV = without_unknown(log_probs_BV, unk_id)
    scores_BV = _penalised(log_probs_BV, limited_BV, repetition)
    totals_BV = scores_BV.cpu().double() + torch.tensor([[beam.score] for beam in beams], dtype=torch.float64)
    totals_C, places_C = totals_BV.flatten().topk(min(number, totals_BV.numel()))
    found, rows = [], []
    for total, place in zip(totals_C.tolist(), places_C.tolist(), strict=True):
        if total == -torch.inf:
            continue
        row, token_id = divmod(place, scores_BV.size(1))
        logprob = float(log_probs_BV[row, token_id])
        rank = 1 + int((known_BV[row] > logprob).sum())
        before = beams[row]
        found.append(_Beam((*before.ids, token_id), (*before.logprobs, logprob), (*before.ranks, rank), total))
        rows.append(row)
    return found, rows


def _penalised(log_probs_BV: Tensor, limited_BV: Tensor, repetition: Repetition) -> Tensor:
    """Returns the model's log-probabilities, with the penalty on repetition and without what is forbidden."""
    if repetition.penalty != 1:
        return limited_BV
    return log_probs_BV.masked_fill(limited_BV == -torch.inf, -torch.inf)
