r"""The rules that split a text into tokens, for each kind of tokenizer.

A token of the kind `word` is, by the first rule that applies:

1. a placeholder that cleaning put in: <url>, <email>, <phone>, <handle>, <number>
2. letters with full stops: U.S., e.g., a.m.
3. a word or number, with a currency sign or the minus of a number before it, and a per cent sign or the hyphen of a
   compound that is cut short behind it; hyphens and apostrophes inside hold it together, and so do full stops, commas
   and colons between digits: COVID-19, SARS-CoV-2, don't, 1,200.50, £4m, -80, 3.5%, 6:30, B.1.1.7, two- or threefold
4. a degree sign with its scale (°C), and three full stops
5. any other character that is not white space
"""

from collections.abc import Callable

from tokenizers import Regex, pre_tokenizers

from halo.corpus.cleaning.placeholders import PLACEHOLDERS

TOKEN_PATTERN = (
    rf"{'|'.join(PLACEHOLDERS)}"
    r"|(?:\p{L}\.){2,}"
    r"|(?:[£$€]|(?<![^\s(])-(?=\p{N}))?[\p{L}\p{M}\p{N}]+(?:(?:['-]|(?<=\p{N})[.,:](?=\p{N})|(?<=\p{Lu})\.(?=\p{N}))[\p{L}\p{M}\p{N}]+)*(?:%|-(?!\S))?"
    r"|°[CF]?"
    r"|\.\.\."
    r"|\S"
)


def pre_tokenizer(kind: str) -> pre_tokenizers.PreTokenizer:
    """Returns the part of a tokenizer that splits a text into tokens, for `word`, `whitespace` or `char`."""
    if kind == "whitespace":
        return pre_tokenizers.WhitespaceSplit()
    if kind == "char":
        return pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    return pre_tokenizers.Split(Regex(TOKEN_PATTERN), behavior="removed", invert=True)


def word_splitter(kind: str) -> Callable[[str], list[str]]:
    """Returns a function that splits a word, which contains no white space, into the tokens that make it up.

    For the kinds `char` and `bpe` these are the tokens of kind `word`, which are few enough to be counted.
    """
    if kind == "whitespace":
        return lambda word: [word]
    split_by_pattern = pre_tokenizer("word").pre_tokenize_str

    def split(word: str) -> list[str]:
        # Most words do not need the pattern, which takes ten times as long.
        if word.isascii():
            if word.isalnum():
                return [word]
            if word[-1] in ".,;:?!" and word[:-1].isalnum():
                return [word[:-1], word[-1]]
        return [token for token, _ in split_by_pattern(word)]

    return split
