"""Effects of variants: a planted motif, both strands, and variants that do not fit the sequences."""

import math

import numpy as np
import pytest

from halo.genomics.bases import codes_of, reverse_complement
from halo.genomics.markov import ContextCounts, MarkovModel, Smoothing
from halo.genomics.pieces import MarkovScorer
from halo.genomics.reference import Reference, Stretch
from halo.genomics.variants.variant_effects import Alleles, Effect, find_alleles, score_effects
from halo.genomics.variants.variant_files import Variant
from halo.runtime.errors import InputError
from tests.support.sequences import letters, random_bases, untrained_scorer

MOTIF = "ACGTTGCATGCCA"
BEFORE, AFTER = letters(random_bases(60, seed=1)), letters(random_bases(60, seed=2))
REFERENCE = Reference("genome.fa", {"chr1": 200}, {"chr1": [Stretch("chr1", 10, f"{BEFORE}{MOTIF}{AFTER}")]})
MOTIF_START = 10 + len(BEFORE)


def variant(position: int, ref: str, alt: str, *, record: str = "chr1", note: str = "") -> Variant:
    return Variant("v.vcf, line 4", record, position, ref, alt, note, {})


@pytest.fixture(scope="module")
def motif_scorer() -> MarkovScorer:
    """A model of sequences in which the motif is frequent, on both strands."""
    train = "".join(f"{letters(random_bases(20, seed=seed))}{MOTIF}" for seed in range(100))
    both = [codes_of(train), codes_of(reverse_complement(train))]
    return MarkovScorer(MarkovModel(ContextCounts(both, max_order=6), 6, Smoothing("interpolated", 4.0)))


def effects(scorer: MarkovScorer, *variants: Variant, context: int = 30) -> list[Effect | None]:
    alleles = find_alleles(variants, REFERENCE, context=context)
    found = score_effects(alleles, {"x": scorer}, token_length=1, both_strands=True)
    return [None if each is None else each["x"] for each in found]


def test_a_variant_that_destroys_a_learned_motif_is_less_likely(motif_scorer: MarkovScorer) -> None:
    inside = MOTIF_START + 6
    substitution, deletion, insertion, outside = effects(
        motif_scorer,
        variant(inside, "C", "T"),
        variant(inside, "CATG", "C"),
        variant(inside, "C", "CGGTA"),
        variant(15, REFERENCE.stretches["chr1"][0].sequence[5], "A"),
    )
    for effect in (substitution, deletion, insertion):
        assert effect is not None
        assert effect.reverse is not None
        assert max(effect.forward, effect.reverse) < -3
    assert outside is not None
    assert abs(outside.mean) < 3


def test_no_change_has_no_effect_and_the_way_back_is_its_negative(motif_scorer: MarkovScorer) -> None:
    (none,) = effects(motif_scorer, variant(MOTIF_START, "A", "A"))
    assert none == Effect(0.0, 0.0)
    pair = Alleles("ACGTTGCA", "ACGATGCA")
    there, back = score_effects(
        [pair, Alleles(pair.alt, pair.ref)], {"x": motif_scorer}, token_length=1, both_strands=True
    )
    assert there is not None
    assert back is not None
    assert there["x"].mean == pytest.approx(-back["x"].mean)


def test_effects_are_differences_of_the_log_likelihoods_of_whole_sequences() -> None:
    scorer = untrained_scorer()
    pair = Alleles("ACGTTGCA", "ACGATGCAT")
    (effect,) = score_effects([pair], {"x": scorer}, token_length=1, both_strands=False)
    from halo.genomics.pieces import Piece

    ref, alt = (float(np.sum(scorer.nll([Piece("", each, "")])[0])) for each in pair)
    assert effect is not None
    assert effect["x"].forward == pytest.approx(ref - alt, rel=1e-4)
    assert effect["x"].reverse is None
    assert effect["x"].mean == effect["x"].forward


def test_sequences_have_the_context_that_there_is() -> None:
    sequence = REFERENCE.stretches["chr1"][0].sequence
    (start,) = find_alleles([variant(12, sequence[2:4], "T")], REFERENCE, context=5)
    assert start == Alleles(sequence[:9], f"{sequence[:2]}T{sequence[4:9]}")
    assert find_alleles([variant(12, sequence[2], "", note="symbolic allele")], REFERENCE, context=5) == [None]


def test_an_untouched_position_of_kmers_keeps_their_end_aligned() -> None:
    class Recording:
        """Keeps the sequences it is given."""

        def __init__(self) -> None:
            self.lengths: list[int] = []

        def nll(self, pieces: list) -> list:  # type: ignore[type-arg]
            self.lengths += [len(each.sequence) for each in pieces]
            return [np.full(len(each.sequence), math.log(4)) for each in pieces]

    recording = Recording()
    list(score_effects([Alleles("ACGTA", "ACGTACG")], {"x": recording}, token_length=3, both_strands=True))  # type: ignore[dict-item]
    assert recording.lengths == [3, 6, 3, 6]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (variant(20, "A", "C", record="2"), "line 4: no sequence '2' in genome.fa, which has chr1"),
        (variant(200, "A", "C"), "pos=201: is behind the end of chr1, which has 200 bases"),
        (variant(3, "A", "C"), "pos=4: chr1 has N there"),
        (variant(MOTIF_START, "ACT", "A"), f"ref is T at base {MOTIF_START + 3}, and chr1 of genome.fa has G there"),
        (variant(MOTIF_START, "A", "C" * 10_001), "an allele has more than 10,000 bases"),
    ],
)
def test_a_variant_that_does_not_fit_the_sequences_is_an_error(wrong: Variant, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_alleles([wrong], REFERENCE, context=5)
