"""What `halo.genome` does: measures sequences, or scores them base by base, or scores variants of them."""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from halo.bundle.loading import Bundle
from halo.config import GenomeCommandConfig
from halo.config.commands.genome import BEDGRAPH_ENDINGS
from halo.corpus.corpus import Corpus
from halo.corpus.genomes.regions import Regions
from halo.evaluation.evaluation_report import Report, find_training_corpus, training_corpus
from halo.genomics.bases import Codes
from halo.genomics.genome_report import RESEARCH_ONLY, measurement_report
from halo.genomics.markov import MAX_COUNTED_BASES, MarkovModel
from halo.genomics.measurement import measure
from halo.genomics.model_scores import ModelScorer
from halo.genomics.pieces import MarkovScorer, Piece, PieceScorer, choose_markov
from halo.genomics.reference import Reference, find_region, genome_config, read_reference
from halo.genomics.sequences import split_pieces, split_sequences, training_codes
from halo.genomics.tracks import PlacedPiece, TrackScorer, place_pieces, write_bedgraph, write_table
from halo.genomics.variants.variant_effects import find_alleles, score_effects
from halo.genomics.variants.variant_files import read_variants
from halo.genomics.variants.variant_report import variant_report, write_effects
from halo.reports.console import wrapped
from halo.runtime.errors import InputError, counted

log = logging.getLogger(__name__)


def run_task(bundle: Bundle, config: GenomeCommandConfig) -> Report:
    """Returns the report of the task that the settings ask for, after its files are written.

    Args:
        bundle: The model.
        config: The settings of `halo.genome`.

    Raises:
        InputError: It is not a model of a genome, or sequences or variants cannot be read; nothing has been written.
    """
    genome_config(bundle.config.data, place=str(bundle.folder))
    scorer = ModelScorer(bundle.model, bundle.tokenizer, place=str(bundle.folder))
    reference = None if config.path is None else read_reference(config.path, bundle.config.data)
    if config.variants is not None:
        assert reference is not None
        return _score_variants(bundle, config, scorer, reference)
    placed = None if reference is None else _placed(reference, config)  # before the corpus, which may take longer
    training = _training(bundle, config)
    if placed is None:
        if training.corpus is None:
            raise InputError(
                f"bundle={bundle.folder}: its test regions are not prepared in cache_dir={config.cache_dir}; use "
                "path=FILE.fa to measure other sequences, or run=FOLDER with the training run"
            )
        placed = _test_regions(training.corpus)
    if config.output is not None:
        return _write_track(config, scorer, training, placed)
    pieces = [each.piece for each in placed]
    measured = measure(
        scorer,
        train=training.codes,
        validation=training.validation,
        test=pieces,
        both_strands=config.both_strands,
        max_order=config.max_order,
    )
    source = "test regions" if config.path is None else config.region or config.path
    title = f"Bits per base of {source} (2 is chance; lower is better)"
    return measurement_report(measured, title=title, test="test" if config.path is None else "path")


class _Training(NamedTuple):
    """The sequences that Markov models are made of.

    Attributes:
        corpus: The prepared genome; None if there is none here.
        codes: Its training regions; empty for no Markov models.
        validation: Its validation regions.
    """

    corpus: Corpus | None
    codes: Sequence[Codes]
    validation: Sequence[Piece]

    def markov(self, max_order: int) -> MarkovModel | None:
        """Returns the Markov model that predicts validation best; None without training regions."""
        return choose_markov(self.codes, self.validation, max_order=max_order) if self.codes else None


def _training(bundle: Bundle, config: GenomeCommandConfig) -> _Training:
    """Returns the training sequences; without them, what is missing is logged unless they are what is measured."""
    find = find_training_corpus if bundle.is_bundle else training_corpus
    missing = f"not prepared in cache_dir={config.cache_dir}"
    try:
        corpus = find(bundle, cache_dir=config.cache_dir)
    except InputError as error:
        if config.path is None:
            raise
        corpus, missing = None, str(error)
    if corpus is None:
        log.info("No Markov models beside the model, for want of its training regions: %s", missing)
        return _Training(None, [], [])
    bases = corpus.counts["train"].characters
    if bases > MAX_COUNTED_BASES:
        log.warning("No Markov models: the training regions have %s bases, the limit is %s", bases, MAX_COUNTED_BASES)
        return _Training(corpus, [], split_pieces(corpus, "validation"))
    return _Training(corpus, training_codes(corpus), split_pieces(corpus, "validation"))


def _placed(reference: Reference, config: GenomeCommandConfig) -> list[PlacedPiece]:
    """Returns the pieces of the sequences of `path`, or of a region of them."""
    if config.region is not None:
        parts = find_region(reference, config.region)
    else:
        parts = [(stretch, 0, len(stretch.sequence)) for stretch in reference.all_stretches()]
    return [
        piece
        for stretch, begin, end in parts
        for piece in place_pieces(stretch, begin, end, context=config.context, window=config.window)
    ]


def _test_regions(corpus: Corpus) -> list[PlacedPiece]:
    """Returns the test regions in the order of their records and places, each read by itself."""
    regions = Regions.load(corpus.folder, "test")
    placed = [
        PlacedPiece(record, start, Piece("", sequence, ""))
        for record, start, sequence in zip(regions.record, regions.start, split_sequences(corpus, "test"), strict=True)
    ]
    order = {record: number for number, record in enumerate(dict.fromkeys(regions.record))}
    return sorted(placed, key=lambda each: (order[each.record], each.start))


def _write_track(
    config: GenomeCommandConfig, scorer: ModelScorer, training: _Training, placed: Sequence[PlacedPiece]
) -> Report:
    assert config.output is not None
    is_bedgraph = config.output.lower().endswith(BEDGRAPH_ENDINGS)
    markov = None if is_bedgraph else training.markov(config.max_order)
    track = TrackScorer(scorer, None if markov is None else MarkovScorer(markov), config.both_strands)
    values = track.score(placed)
    strands = "mean of both strands" if config.both_strands else "forward strand"
    if is_bedgraph:
        description = f"bits per base, {strands}"
        means = write_bedgraph(values, config.output, window=config.window, description=description)
    else:
        means = write_table(values, config.output)
    line = f"{counted(means.bases, 'base')} in {config.output}: {means.bits:.4f} bits per base ({strands})"
    figures: dict[str, Any] = {"output": config.output, "bases": means.bases, "bits_per_base": means.bits}
    if markov is not None:
        line += f"; {markov}: {means.markov_bits:.4f}"
        figures |= {"markov_bits_per_base": means.markov_bits, "markov_order": markov.order}
    return Report("\n".join(map(wrapped, [line, RESEARCH_ONLY])), figures)


def _score_variants(bundle: Bundle, config: GenomeCommandConfig, scorer: ModelScorer, reference: Reference) -> Report:
    assert config.variants is not None
    file = read_variants(config.variants)
    alleles = find_alleles(file.variants, reference, context=config.context)
    markov = _training(bundle, config).markov(config.max_order)
    scorers: dict[str, PieceScorer] = {"model": scorer}
    if markov is not None:
        scorers["markov"] = MarkovScorer(markov)
    effects = list(score_effects(alleles, scorers, token_length=scorer.token_length, both_strands=config.both_strands))
    if config.output is not None:
        write_effects(file, effects, config.output)
    return variant_report(file, effects, markov=markov, output=config.output)
