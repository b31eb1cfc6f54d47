"""Changes of series -> bins of the training part, and the ids of each split."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from halo.config import SeriesConfig
from halo.config.domains.series import LEVELS
from halo.corpus.series.cuts import Cuts, split_slices
from halo.corpus.series.transform import Changes
from halo.runtime.errors import InputError, printable
from halo.tokenization.series_bins import SeriesBins, SeriesRecord
from halo.tokenization.tokenizer import TextTokenizer, TokenIds
from halo.tokenization.value_bins import Floats, Integers, ValueBins, bin_tokens, recent_sizes, root_mean_square

Slices = Mapping[str, slice]


class SeriesWords(NamedTuple):
    """Series as words.

    Attributes:
        bins: The bins of each series, from its training part.
        tokenizer: The vocabulary: `<unk>`, which never occurs, `<eos>`, and the bins.
        numbers: For each series the number of the bin of each value.
        slices: For each series where its splits are.
    """

    bins: SeriesBins
    tokenizer: TextTokenizer
    numbers: list[Integers]
    slices: Sequence[Slices]

    def ids(self, series: int, split: str) -> TokenIds:
        """Returns the ids of a split of a series, `<eos>` at its end."""
        vocabulary = self.tokenizer.vocabulary()
        id_of_bin = np.array([vocabulary[token] for token in bin_tokens(self.num_bins)])
        ids = id_of_bin[self.numbers[series][self.slices[series][split]]]
        return np.append(ids, self.tokenizer.eos_id).astype(np.uint16)

    @property
    def num_bins(self) -> int:
        """The number of bins of the series with most of them."""
        return max(len(record.bins) for record in self.bins.series)


def make_words(series: Sequence[Changes], config: SeriesConfig, cuts: Cuts) -> SeriesWords:
    """Returns the words of series; their bins come from the training part, and from nothing else.

    Raises:
        InputError: A series has too few training values, or only equal ones.
    """
    slices = [split_slices(each, cuts) for each in series]
    records = tuple(
        make_record(each.name, each.values[parts["train"]], config) for each, parts in zip(series, slices, strict=True)
    )
    bins = SeriesBins(
        transform=config.transform,
        seasonal_period=config.seasonal_period,
        scaling_decay=config.scaling_decay if config.scaling == "ewma" else None,
        training_end=str(cuts.training_end),
        validation_end=str(cuts.validation_end),
        series=records,
    )
    numbers = [
        record.bins.numbers(each.values / bins.sizes(record, each.values)[:-1])
        for record, each in zip(records, series, strict=True)
    ]
    tokens = bin_tokens(max(len(record.bins) for record in records))
    counts = Counter(dict.fromkeys(tokens, 0))
    for each, parts in zip(numbers, slices, strict=True):
        counts.update(tokens[number] for number in each[parts["train"]].tolist())
    tokenizer = TextTokenizer.from_counts(counts, kind="whitespace", min_count=0, max_size=None)
    return SeriesWords(bins, tokenizer, numbers, slices)


def make_record(name: str, training_N: Floats, config: SeriesConfig) -> SeriesRecord:
    """Returns what a model keeps of the training values of a series.

    Raises:
        InputError: There are too few, or all are equal.
    """
    shown = printable(name)
    if len(training_N) < config.num_bins:
        raise InputError(
            f"series {shown}: {len(training_N)} values in the training part for {config.num_bins} bins; lower "
            "data.series.num_bins, or give more dates"
        )
    if training_N.min() == training_N.max():
        raise InputError(
            f"series {shown}: all values of the training part are {training_N[0]:g}, so there is nothing to predict; "
            "leave the series out with data.series.value_fields"
        )
    size = root_mean_square(training_N)
    plain_bins = bins = ValueBins.fit(training_N, config.num_bins)
    if config.scaling == "ewma":
        sizes_N = recent_sizes(training_N, decay=config.scaling_decay, initial=size)[:-1]
        bins = ValueBins.fit(training_N / sizes_N, config.num_bins)
    steps = config.seasonal_period
    errors = training_N[steps:] - training_N[:-steps] if config.transform == LEVELS else training_N
    if not len(errors) or not errors.any():
        raise InputError(
            f"series {shown}: data.series.seasonal_period={steps}: persistence has no errors in the {len(training_N)} "
            "training values; give a shorter period, or more dates"
        )
    return SeriesRecord(
        name=name,
        bins=bins,
        plain_bins=plain_bins,
        counts=tuple(np.bincount(plain_bins.numbers(training_N), minlength=len(plain_bins)).tolist()),
        size=size,
        spread=root_mean_square(errors),
        training_sha256=hash_values(training_N),
    )


def hash_values(values_N: Floats) -> str:
    """Returns the SHA-256 hash of values, hexadecimal.

    >>> hash_values(np.array([1.0]))[:8]
    '6c3c396e'
    """
    return hashlib.sha256(np.ascontiguousarray(values_N, dtype="<f8").tobytes()).hexdigest()
