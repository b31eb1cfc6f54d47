"""Effects of variants: how much likelier or less likely the alternative sequence is than the reference.

The log-likelihood ratio of both alleles within their surroundings is the usual score of sequence models for variants
that were never seen (Meier et al. 2021, Language models enable zero-shot prediction of the effects of mutations on
protein function, there of proteins).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from halo.genomics.pieces import Piece, PieceScorer
from halo.genomics.reference import Reference
from halo.genomics.variants.variant_files import Variant
from halo.runtime.errors import InputError

VARIANTS_AT_ONCE = 256
MAX_ALLELE = 10_000
"""The longest allele, in bases."""


class Alleles(NamedTuple):
    """The sequences of both alleles with the same surroundings.

    Attributes:
        ref: The reference sequence.
        alt: The alternative one.
    """

    ref: str
    alt: str


class Effect(NamedTuple):
    """The log-likelihood of the alternative sequence minus that of the reference, in nats.

    Attributes:
        forward: On the strand of the reference.
        reverse: On the other strand; None if it was not read.
    """

    forward: float
    reverse: float | None = None

    @property
    def mean(self) -> float:
        """The mean of the strands that were read."""
        return self.forward if self.reverse is None else (self.forward + self.reverse) / 2


def find_alleles(variants: Sequence[Variant], reference: Reference, *, context: int) -> list[Alleles | None]:
    """Returns the sequences of each variant; None for one that has no alternative sequence.

    Args:
        variants: The variants.
        reference: The sequences.
        context: Number of bases before and behind the alleles; fewer where a record or a known stretch ends.

    Raises:
        InputError: A variant does not fit the sequences.
    """
    return [
        None if variant.note else _alleles(variant, reference, context)
        for variant in variants
        if _require_reference(variant, reference)
    ]


def _require_reference(variant: Variant, reference: Reference) -> bool:
    """Returns true if the reference allele is what stands in the sequences, and raises `InputError` otherwise."""
    reference.require_record(variant.record, place=variant.location)
    first, last = variant.position, variant.position + len(variant.ref)
    length, shown = reference.lengths[variant.record], f"pos={variant.position + 1}"
    if last > length:
        raise InputError(
            f"{variant.location}: {shown}: is behind the end of {variant.record}, which has {length} bases"
        )
    if max(len(variant.ref), len(variant.alt)) > MAX_ALLELE:
        raise InputError(f"{variant.location}: {shown}: an allele has more than {MAX_ALLELE:,} bases; leave it out")
    stretch = reference.stretch_at(variant.record, first)
    if stretch is None or last > stretch.end:
        raise InputError(f"{variant.location}: {shown}: {variant.record} has N there; leave the variant out")
    found = stretch.sequence[first - stretch.start : last - stretch.start].upper()
    if found != variant.ref:
        place = next(place for place in range(len(found)) if found[place] != variant.ref[place])
        raise InputError(
            f"{variant.location}: {shown}: ref is {variant.ref[place]} at base {first + place + 1:,}, and "
            f"{variant.record} of {reference.name} has {found[place]} there; use the genome that the variants refer to"
        )
    return True


def _alleles(variant: Variant, reference: Reference, context: int) -> Alleles:
    stretch = reference.stretch_at(variant.record, variant.position)
    assert stretch is not None
    first = variant.position - stretch.start
    last = first + len(variant.ref)
    before = stretch.sequence[max(0, first - context) : first]
    after = stretch.sequence[last : last + context]
    return Alleles(*(f"{before}{allele}{after}" for allele in (stretch.sequence[first:last], variant.alt)))


def score_effects(
    alleles: Sequence[Alleles | None], scorers: Mapping[str, PieceScorer], *, token_length: int, both_strands: bool
) -> Iterator[dict[str, Effect] | None]:
    """Yields the effect of each variant under each scorer; None for one without sequences.

    Args:
        alleles: The sequences.
        scorers: The models.
        both_strands: Whether the reverse strand is read too.
        token_length: Number of bases of a token. Of k-mers, the sequence begins so that its end is that of a k-mer.
    """
    for first in range(0, len(alleles), VARIANTS_AT_ONCE):
        part = alleles[first : first + VARIANTS_AT_ONCE]
        sequences = [sequence for each in part if each is not None for sequence in each]
        pieces = [_whole_tokens(Piece("", sequence, ""), token_length) for sequence in sequences]
        others = [_whole_tokens(Piece("", sequence, "").other_strand(), token_length) for sequence in sequences]
        strands = (pieces, others) if both_strands else (pieces,)
        totals = {
            name: [[-float(np.nansum(each)) for each in scorer.nll(read)] for read in strands]
            for name, scorer in scorers.items()
            if sequences
        }
        place = 0
        for each in part:
            if each is None:
                yield None
                continue
            yield {name: Effect(*(strand[place + 1] - strand[place] for strand in own)) for name, own in totals.items()}
            place += 2


def _whole_tokens(piece: Piece, token_length: int) -> Piece:
    """Returns a piece without the first bases that would leave a rest at its end."""
    return piece._replace(sequence=piece.sequence[len(piece.sequence) % token_length :])
