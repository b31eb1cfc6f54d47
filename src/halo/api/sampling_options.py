"""The arguments of generation that say how each token is drawn."""

from typing import TypedDict

from halo.config import SamplingConfig, default_sampling


class SamplingOptions(TypedDict, total=False):
    """How each token is drawn; what is not given has the value of `conf/generate.yaml`.

    Attributes:
        num_words: Largest number of tokens of each text after the prompt: words and punctuation marks.
        temperature: Divides the logits: below 1 more predictable, above 1 more varied, 0 always the likeliest word.
        top_k: Draw from the k likeliest words only; 0 for no limit.
        top_p: Draw from the fewest words with this share of the probability, in (0, 1]; 1 for no limit.
        min_p: Draw only from words with at least this share of the likeliest word's probability; 0 for no limit.
        typical_p: Draw from the words with this share of the probability whose surprisal is nearest to the expected
            one; 1 for no limit.
        repetition_penalty: Raises the probability of recent words to this power; 1 for no penalty.
        no_repeat_ngram: Length of sequences that occur only once in a text; 0 for no limit.
        seed: Seed of the random choices: the same seed gives the same text.
    """

    num_words: int
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    typical_p: float
    repetition_penalty: float
    no_repeat_ngram: int
    seed: int


def sampling_of(options: SamplingOptions) -> SamplingConfig:
    """Returns the settings of sampling with some values replaced.

    Args:
        options: The values.

    Raises:
        TypeError: There is no such argument.
        InputError: A value is not allowed.

    >>> sampling_of({"num_words": 5}).num_words
    5
    """
    names = SamplingOptions.__annotations__
    if unknown := [name for name in options if name not in names]:
        raise TypeError(f"{unknown[0]!r} is no argument of generation; those of sampling are {', '.join(names)}")
    return default_sampling(**options)
