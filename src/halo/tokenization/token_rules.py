r"""The rules that split a text into tokens, for each kind of tokenizer.

A token of the kind `word` is, by the first rule that applies:

1. a placeholder that cleaning put in: <url>, <email>, <phone>, <handle>, <number>, <eol>, and of a text whose cleaning
   puts in further ones any <name>; a web or mail address that it left
2. an abbreviation with full stops: U.S., e.g., Ph.D., B.Sc.
3. a character of Chinese or Japanese writing, which has no spaces: 你, 好
4. a word or number, with what is written onto it without a space:
   inside it, hyphens, apostrophes and `_ & @ ^ ·` between letters or digits, and full stops, commas, colons and `×`
   between digits: COVID-19, don't, AT&T, x_1, 10^-6, 1,200.50, 6:30, B.1.1.7, 1920×1080;
   before it, `@ #`, currency signs, and before a number a leading point and signs: £4m, US$5, .05, -80, ±0.3, ≥65, #1;
   before a name, a point: .NET;
   behind it, per cent and currency signs, `+` and `#`, and the hyphen of a compound that is cut short: 3.5%, 5€, 65+,
   C++, two- or threefold
5. a degree sign with its scale (°C), three full stops, a smiley, an operator of several signs (<=, ->), and one sign
   several times in a row (--, ==, **)
6. any other character that is not white space, with the marks that belong to it: 。 ¿ ؟ । ≤ 👩‍🔬

Signs of exponents and indices belong to their number or unit (10⁻⁶, cm⁻¹), and so do joiners inside a word (می‌خواهم).
"""

from collections.abc import Callable

from tokenizers import Regex, pre_tokenizers

from halo.corpus.cleaning.placeholders import PLACEHOLDERS

# Letters, marks and digits, raised and lowered signs; without the scripts of rule 3.
_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}\x{30FC}\x{FF70}\x{FF9E}\x{FF9F}"
_IN_WORD = r"\p{L}\p{M}\p{N}\x{207A}-\x{207E}\x{208A}-\x{208E}"
_W = rf"[[{_IN_WORD}]&&[^{_CJK}]]"
# Zero-width joiners and the Tibetan syllable mark only occur behind a letter.
_WORD = rf"(?>{_W}+\x{{0F0B}}?(?:[\x{{200C}}\x{{200D}}]*{_W}+\x{{0F0B}}?)*)"
_END = rf"(?!{_W})"

_ADDRESS = (
    r"(?:https?://|www\.)[^\s<>\"]*[\p{L}\p{N}/]"
    r"|(?<![\p{L}\p{M}\p{N}._%+-])[\p{L}\p{M}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}"
)
_HYPHEN = r"[-\x{2010}-\x{2013}\x{05BE}]"
_APOSTROPHE = r"['\x{2019}]"
_ABBREVIATION = (
    rf"(?:(?>{_W}+){_HYPHEN})*"
    r"(?:(?:\p{L}\.){2,}(?:\p{L}{2,4}\.)?|\p{L}\.\p{L}{2,4}\.|\p{L}{2,4}\.(?:\p{L}\.)+"
    rf"|(?:\p{{L}}\.)+\p{{L}}{_END}|\p{{Lu}}\p{{Ll}}\.\p{{Lu}}{_END})"
    rf"(?:s{_END})?(?:(?:{_HYPHEN}|{_APOSTROPHE}){_WORD})*"
)
_JOINED = (
    rf"(?:{_HYPHEN}|{_APOSTROPHE}|[\x{{00B7}}\x{{055A}}-\x{{055C}}\x{{055E}}\x{{055F}}\x{{05F3}}\x{{05F4}}@]|_+|\^[-+\x{{2212}}]?"
    r"|(?<=\p{L})&(?=\p{L})|(?<=\p{Hebrew})\"(?=\p{Hebrew})|(?<=\p{Lu})\.(?=\p{N})"
    rf"|(?<=\p{{N}})(?:[.,:\x{{066B}}\x{{066C}}\x{{00D7}}]|%?{_HYPHEN}\p{{Sc}}?)(?=\p{{N}})"
    rf"|(?<=\p{{N}})%(?={_W})|(?<=\p{{N}}[eE])\+(?=\p{{N}}))"
)
_SIGN = r"(?:[<>!=]=|[[\p{Sm}~]&&[^|]])"
_BEFORE = (
    r"(?:\p{Lu}{1,3}(?=\p{Sc}\p{N}))?\p{Sc}"
    r"|(?<![^\s(\[{\"'\x{201C}\x{2018}\x{201E}\x{00AB}<>=\x{2264}\x{2265}\x{2248}~\x{00B1}])"
    rf"(?:{_SIGN}?[-+\x{{2212}}\x{{2013}}]?|[#\x{{00A7}}\x{{2116}}])\p{{Sc}}?\.?(?=\p{{N}})"
    rf"|(?<![^\s(\[])\.(?=\p{{L}})|(?<!{_W})[@#]|\\"
)
_BEHIND = (
    rf"[%\x{{2030}}\x{{2031}}\x{{066A}}]|[\x{{2103}}\x{{2109}}\p{{Sc}}]{_END}"
    rf"|\+{{1,2}}(?![{_IN_WORD}+=])|\#{_END}|[-\x{{2010}}\x{{2011}}](?![{_IN_WORD}\p{{Pd}}])"
)
_SMILEY = r"(?<!\S)[:;=][-o']?[()\[\]DPp|/\\](?!\S)"
_OPERATOR = r"\+/-|([\p{Sm}\p{Sc}\p{Sk}\p{Pd}\p{Pc}&*#@%/\\\x{2026}])\1+|[<>!=:+*/-]=|[=-]>|<-(?!\p{N})"

_PLAIN = r"[A-Za-z]+(?=[\s,;?!)])|[.,](?=\s)"  # most of English by the rules below, found in half the time
_FLAG = r"[\x{1F1E6}-\x{1F1FF}]{2}"  # also found by \X, but in time quadratic in their number

_OTHER_RULES = (
    rf"{_ADDRESS}|{_ABBREVIATION}|[{_CJK}]\p{{M}}*"
    rf"|(?:{_BEFORE})?{_WORD}(?:{_JOINED}{_WORD})*(?:{_BEHIND})?"
    rf"|°(?:[CFcf]{_END})?|\.\.\.|{_SMILEY}|{_OPERATOR}|{_FLAG}|(?=\S)\X"
)
TOKEN_PATTERN = rf"{_PLAIN}|{'|'.join(PLACEHOLDERS)}|{_OTHER_RULES}"
# Of a text whose cleaning puts in further placeholders, such as <date> or those of data.cleaning.patterns.
ANY_PLACEHOLDER_PATTERN = rf"{_PLAIN}|<(?!unk>|eos>)[a-z][a-z0-9_]{{0,30}}>|{_OTHER_RULES}"


def pre_tokenizer(kind: str, *, kmer_length: int = 1, any_placeholder: bool = False) -> pre_tokenizers.PreTokenizer:
    """Returns the part of a tokenizer that splits a text into tokens, for all kinds but `bpe`.

    Args:
        kind: `word`, `whitespace`, `char` or `kmer`.
        kmer_length: Number of characters of a token of kind `kmer`; the last one of a text may be shorter.
        any_placeholder: Whether words in angle brackets are tokens of kind `word`, whatever their name.
    """
    if kind == "whitespace":
        return pre_tokenizers.WhitespaceSplit()
    if kind == "char":
        return pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    if kind == "kmer":
        return pre_tokenizers.Split(Regex(rf"[\s\S]{{1,{kmer_length}}}"), behavior="isolated")
    pattern = ANY_PLACEHOLDER_PATTERN if any_placeholder else TOKEN_PATTERN
    return pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)


def word_splitter(kind: str, *, any_placeholder: bool = False) -> Callable[[str], list[str]]:
    """Returns a function that splits a word, which contains no white space, into the tokens that make it up.

    For the kinds `char` and `bpe` these are the tokens of kind `word`, which are few enough to be counted.
    """
    if kind == "whitespace":
        return lambda word: [word]
    split_by_pattern = pre_tokenizer("word", any_placeholder=any_placeholder).pre_tokenize_str

    def split(word: str) -> list[str]:
        # Most words do not need the pattern, which takes ten times as long.
        if word.isascii():
            if word.isalnum():
                return [word]
            if word[-1] in ".,;:?!" and word[:-1].isalnum():
                return [word[:-1], word[-1]]
        return [token for token, _ in split_by_pattern(word)]

    return split
