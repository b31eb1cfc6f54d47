"""Scores of bases under a model, against its logits."""

import itertools

import numpy as np
import pytest
import torch

from halo.genomics.model_scores import ModelScorer
from halo.genomics.pieces import Piece
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config
from tests.support.sequences import genome_tokenizer, letters, random_bases, untrained_scorer

SEQUENCE = letters(random_bases(200))


def model_of(scorer: ModelScorer) -> LanguageModel:
    return scorer._model


def test_bits_are_those_of_the_logits_among_the_four_bases() -> None:
    tokenizer, text = genome_tokenizer(), "ACGNTA"
    scorer = untrained_scorer(tokenizer)
    ids = tokenizer.encode(text)
    with torch.no_grad():
        logits, _ = model_of(scorer)(torch.tensor([[tokenizer.eos_id, *ids[:-1]]]))
    columns = [tokenizer.vocabulary()[base] for base in "ACGT"]
    log_p = logits[0][:, columns].log_softmax(1).numpy()
    (scores,) = scorer.score([Piece("", text, "")])
    expected = [-log_p[place, "ACGT".index(base)] if base in "ACGT" else np.nan for place, base in enumerate(text)]
    np.testing.assert_allclose(scores.nll, expected, rtol=1e-5)
    entropy = -(np.exp(log_p) * log_p).sum(1)
    np.testing.assert_allclose(scores.entropy[[0, 1, 2, 4, 5]], entropy[[0, 1, 2, 4, 5]], rtol=1e-5)


def test_a_piece_with_context_has_the_scores_of_the_whole_sequence() -> None:
    scorer = untrained_scorer()
    (whole,) = scorer.nll([Piece("", SEQUENCE, "")])
    (part,) = scorer.nll([Piece(SEQUENCE[:150], SEQUENCE[150:180], SEQUENCE[180:])])
    np.testing.assert_allclose(part, whole[150:180], rtol=1e-4)


def test_pieces_side_by_side_have_the_scores_that_each_has_alone() -> None:
    scorer = untrained_scorer()
    pieces = [Piece("", SEQUENCE[:length], "") for length in (70, 0, 3, 200)]
    for piece, together in zip(pieces, scorer.nll(pieces), strict=True):
        assert len(together) == len(piece.sequence)
        np.testing.assert_allclose(together, scorer.nll([piece])[0], rtol=1e-4)


def test_windows_do_not_change_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = untrained_scorer()
    expected = scorer.nll([Piece("", SEQUENCE, "")])[0]
    monkeypatch.setattr("halo.genomics.model_scores.TOKENS_PER_WINDOW", 7)
    np.testing.assert_allclose(scorer.nll([Piece("", SEQUENCE, "")])[0], expected, rtol=1e-4)


def test_the_probabilities_of_both_cases_of_a_base_are_added() -> None:
    scorer = untrained_scorer(genome_tokenizer(others="acgtN"))
    next_bases = [np.exp(-scorer.nll([Piece("", f"ACG{base}", "")])[0][-1]) for base in "ACGT"]
    assert sum(next_bases) == pytest.approx(1, abs=1e-5)
    assert np.exp(-scorer.nll([Piece("", "ACGa", "")])[0][-1]) == pytest.approx(next_bases[0], rel=1e-5)


def kmer_scorer() -> ModelScorer:
    kmers = {"".join(each): 1 for each in itertools.product("ACGT", repeat=3)}
    tokenizer = TextTokenizer.from_counts(kmers, kind="kmer", min_count=1, max_size=None)
    torch.manual_seed(0)
    return ModelScorer(
        build_model(model_config("gru", "pointer_tokens=null"), tokenizer.words()).eval(), tokenizer, place="model"
    )


def test_the_bases_of_a_kmer_have_equal_shares_and_a_rest_has_none() -> None:
    (nll,) = kmer_scorer().nll([Piece("", "ACGTTNGGGTA", "")])
    assert nll[0] == nll[1] == nll[2] == pytest.approx(np.log(64) / 3, rel=0.1)
    assert np.flatnonzero(np.isnan(nll)).tolist() == [3, 4, 5, 9, 10]


def test_kmers_of_a_piece_begin_where_it_begins_and_the_last_is_filled_up() -> None:
    scorer = kmer_scorer()
    (whole,) = scorer.nll([Piece("", SEQUENCE, "")])
    (part,) = scorer.nll([Piece(SEQUENCE[:30], SEQUENCE[30:61], SEQUENCE[61:])])
    np.testing.assert_allclose(part, whole[30:61], rtol=1e-4)
    (trimmed,) = scorer.nll([Piece(SEQUENCE[:29], SEQUENCE[29:60], SEQUENCE[60:])])
    assert np.isfinite(trimmed).all()


def test_predictions_that_are_not_finite_are_an_error_of_the_model() -> None:
    scorer = untrained_scorer()
    for weight in model_of(scorer).parameters():
        weight.data.fill_(float("nan"))
    with pytest.raises(InputError, match="model: the model's predictions are not finite numbers"):
        scorer.nll([Piece("", "ACGT", "")])
