"""Texts -> token ids for a model, and the word of the input that each token belongs to."""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import NamedTuple, Protocol

from halo.config import SavedConfig
from halo.corpus.cleaning.pipeline import clean_together
from halo.corpus.cleaning.white_space import lines_to_paragraphs, paragraphs
from halo.corpus.encoded_documents import clean_document
from halo.scoring.word_alignment import WordAligner, find_words
from halo.tokenization.tokenizer import TextTokenizer


class EncodedToken(NamedTuple):
    """A token of a text.

    Attributes:
        text: The token as it stands in the cleaned text.
        token_id: Its id.
        word: The index of the word of the input that it belongs to.
    """

    text: str
    token_id: int
    word: int


class EncodedText(NamedTuple):
    """A text as words of the input and tokens of a model.

    Attributes:
        words: The begin and end of each word in the input.
        tokens: The tokens, without `<eos>`.
        ids: Their ids, with an `<eos>` between paragraphs (or lines) if the training text had it there.
        places: The index of each token in `ids`.
        merged: The indices of words that cleaning made one with the word before them.
    """

    words: list[tuple[int, int]]
    tokens: list[EncodedToken]
    ids: list[int]
    places: list[int]
    merged: set[int]


class TextReader(Protocol):
    """What has a tokenizer and the settings of its text: a saved language model or a saved classifier."""

    @property
    def tokenizer(self) -> TextTokenizer:
        """The vocabulary."""

    @property
    def config(self) -> SavedConfig:
        """The settings of the text."""


class TextEncoder:
    """Cleans and tokenizes texts as the training text of a model was, and remembers where each token comes from.

    Args:
        bundle: The model.
    """

    def __init__(self, bundle: TextReader) -> None:
        self._config = bundle.config.data
        self._tokenizer = bundle.tokenizer
        self._aligner = WordAligner(lambda text: clean_document(text, self._config))

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Returns each text as words and tokens."""
        inputs = [lines_to_paragraphs(text) if self._config.tokenizer.eos == "line" else text for text in texts]
        cleaned, _ = clean_together(inputs, self._config.cleaning)
        pieces = [paragraphs(text) for text in cleaned]
        tokens = iter(self._tokenizer.encode_with_offsets([*chain.from_iterable(pieces)]))
        encoded = []
        for text, own in zip(texts, pieces, strict=True):
            spans = find_words(text, divides_signs=self._tokenizer.kind != "whitespace")
            alignment = self._aligner.align(text, spans, "\n\n".join(own))
            encoded.append(self._assemble(spans, own, [next(tokens) for _ in own], *alignment))
        return encoded

    def _assemble(
        self,
        spans: list[tuple[int, int]],
        pieces: Sequence[str],
        tokens: Sequence[Sequence[tuple[int, int, int]]],
        owners: list[int],
        merged: set[int],
    ) -> EncodedText:
        """Returns the words and tokens of one text.

        Args:
            spans: The begin and end of each word.
            pieces: The paragraphs of the cleaned text.
            tokens: The id, begin and end of each token of each paragraph.
            owners: The word of each character of the cleaned text other than white space.
            merged: The words that are one with the word before them.
        """
        found: list[EncodedToken] = []
        ids: list[int] = []
        places: list[int] = []
        has_eos = self._config.tokenizer.eos != "document"
        before = 0  # characters of earlier paragraphs
        for piece, own in zip(pieces, tokens, strict=True):
            if ids and has_eos:
                ids.append(self._tokenizer.eos_id)
            # For each place in the paragraph the number of characters before it that are not white space.
            places_in_owners = [*accumulate((not each.isspace() for each in piece), initial=before)]
            for token_id, begin, end in own:
                # A space belongs to the word that follows it, as in the tokens of byte-pair encoding.
                owner = owners[min(places_in_owners[begin], len(owners) - 1)]
                text = self._tokenizer.token(token_id) if self._tokenizer.kind == "bpe" else piece[begin:end]
                found.append(EncodedToken(text, token_id, owner))
                places.append(len(ids))
                ids.append(token_id)
            before = places_in_owners[-1]
        return EncodedText(spans, found, ids, places, merged | ({*owners} - {token.word for token in found}))
