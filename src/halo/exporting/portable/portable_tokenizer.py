"""A tokenizer.json that also does the usual part of cleaning and of detokenization, for programs without halo.

The normalizer covers what nearly every text needs: composed characters, typewriter quotation marks and dashes,
addresses, white space and letter case. HTML, words divided at line ends, telephone numbers, handles, other personal
data, emoji and number placeholders are left to whoever prepares the text. The decoder writes <eos> as a paragraph
break, and words with spaces as in print.
"""

import re
import string
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, normalizers
from tokenizers.decoders import Decoder
from tokenizers.normalizers import Normalizer

from halo.config import CleaningConfig, DataConfig
from halo.corpus.cleaning.placeholders import EOL_TOKEN
from halo.corpus.cleaning.typography import REPLACEMENTS
from halo.tokenization.backends import EOS
from halo.tokenization.spacing import spacing
from halo.tokenization.tokenizer import TextTokenizer

COVERED = ("control", "unicode", "typography", "urls", "emails")
"""The cleaning steps that the normalizer does, in their usual cases; and `special` where it keeps given characters."""

_INVISIBLE = "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
_URL, _EMAIL, _EOL = "\ue000", "\ue001", "\ue002"
"""Stand for the placeholders while other characters are removed."""

_NO_TOKEN, _OPENED, _CLOSED = "\0", "\1", "\2"
"""A prefix that no token has, so that the decoder puts a space before each; and stand-ins for quotation marks."""

MAX_QUOTATIONS = 8
"""The number of quotations of a paragraph whose marks get their spaces on the right sides."""
_ALPHANUMERIC = r"[\p{L}\p{N}]"
_LOWER = r"[\p{L}&&[^\p{Lu}\p{Lt}]]"


def save_portable_tokenizer(tokenizer: TextTokenizer, data: DataConfig, file: Path) -> None:
    """Writes tokenizer.json with a normalizer and a decoder.

    Args:
        tokenizer: The vocabulary.
        data: The settings of the training text.
        file: The file to write.
    """
    tokenizer.save(file)
    backend = Tokenizer.from_file(str(file))
    backend.normalizer = _normalizer(tokenizer, data.cleaning)
    backend.decoder = _decoder(tokenizer, data.tokenizer.paragraph_break, backend.decoder)
    file.write_text(backend.to_str(pretty=True), encoding="utf-8")


def left_to_the_user(cleaning: CleaningConfig) -> list[str]:
    """Returns the cleaning steps of the training text that the normalizer lacks, in plain words."""
    words = {
        "html": "tags are removed and character references decoded",
        "hyphenation": "words divided at the end of a line are joined",
        "phones": "telephone numbers become `<phone>`",
        "handles": "handles such as @name become `<handle>`",
        "ibans": "bank account numbers become `<iban>`",
        "ids": "numbers of records, documents and payment cards become `<id>`",
        "ips": "IP addresses become `<ip>`",
        "dates": "dates that name a day become `<date>`",
        "streets": "streets with a number become `<street>`",
        "postcodes": "postcodes become `<postcode>`",
        "special": "emoji and other pictographs are removed",
    }
    covered = COVERED if cleaning.keep_characters is None else (*COVERED, "special")
    left = [words[step] for step in cleaning.steps if step not in covered]
    left += [
        f"what the expression `{pattern}` matches becomes `<{name}>`" for name, pattern in cleaning.patterns.items()
    ]
    left += ["names become `<person>`, `<location>` and `<organisation>`"] * (cleaning.engine is not None)
    return left + ["numbers become `<number>`"] * (cleaning.numbers == "placeholder")


def _normalizer(tokenizer: TextTokenizer, cleaning: CleaningConfig) -> Normalizer:
    replace = normalizers.Replace
    steps: list[Normalizer] = []
    if "control" in cleaning.steps:
        steps.append(replace(Regex(_INVISIBLE), ""))
    if "unicode" in cleaning.steps:
        steps.append(normalizers.NFC())
    if cleaning.line_ends == "eol":
        steps.append(replace(Regex(r"(?<=\S)\s*\n\s*(?=\S)"), f" {_EOL} "))
    steps.append(replace(Regex(r"\s+"), " "))
    if "typography" in cleaning.steps:
        steps += _typography()
    if "urls" in cleaning.steps:
        steps.append(replace(Regex(r"(?:https?://|www\.)[^\s<>\"]*[\p{L}\p{N}/]"), _URL))
    if "emails" in cleaning.steps:
        address = r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}"
        steps.append(replace(Regex(address), _EMAIL))
    if "special" in cleaning.steps and cleaning.keep_characters is not None:
        kept = "".join(f"\\x{{{ord(character):x}}}" for character in cleaning.keep_characters)
        steps += [
            replace(Regex(rf"[^\p{{L}}\p{{M}}\p{{N}}\s{kept}{_URL}{_EMAIL}{_EOL}]"), " "),
            replace(Regex(r"\s+"), " "),
        ]
    steps += [normalizers.Strip(), replace(_URL, "<url>"), replace(_EMAIL, "<email>"), replace(_EOL, EOL_TOKEN)]
    if cleaning.case == "lower":
        steps += [replace("İ", "I"), normalizers.Lowercase()]
    elif cleaning.case == "upper":  # the library has no step for it
        steps += [replace(letter, letter.upper()) for letter in string.ascii_lowercase]
    elif cleaning.case == "lower_keep_acronyms":
        steps += _lower_but_acronyms(tokenizer)
    if cleaning.numbers == "digits_to_0":
        steps.append(replace(Regex(r"\p{Nd}"), "0"))
    return normalizers.Sequence(steps)


def _typography() -> list[Normalizer]:
    """Returns the replacements of `halo.corpus.cleaning.typography` that depend on no word."""
    by_mark: dict[str, str] = {}
    for character, mark in REPLACEMENTS.items():
        by_mark[mark] = by_mark.get(mark, "") + character
    plain = [normalizers.Replace(Regex(f"[{characters}]"), mark) for mark, characters in by_mark.items()]
    word = r"[^\s.,;:?!\"'–—―-]"
    return [
        *plain,
        normalizers.Replace(Regex(r"(?<=\d) ?[–—] ?(?=\d)"), "-"),  # 10–14 days
        normalizers.Replace(Regex(rf"(?<={word})–(?={word})"), "-"),  # Guillain–Barré
        normalizers.Replace(Regex(r" ?(?:[–—―⸺⸻]|(?<![<-])--+(?![>-])(?!\p{L}))+ ?"), " - "),
    ]


def _lower_but_acronyms(tokenizer: TextTokenizer) -> list[Normalizer]:
    """Returns a step for each capital, which lowers it at the start of a word whose other letters are lower case.

    Only for letters that begin a word of the vocabulary.
    """
    starts = rf"(?<!{_ALPHANUMERIC})(?<!°)(?<!{_ALPHANUMERIC}[.'&])"
    ends = rf"(?={_LOWER}*(?:[.']{_LOWER}+)*(?!{_ALPHANUMERIC}|[.'&]{_ALPHANUMERIC}))"
    letters = sorted({word[0] for word in tokenizer.words() if word[0].upper() != word[0]})
    capitals = {letter.upper(): letter for letter in letters if len(letter.upper()) == 1}
    return [
        normalizers.Replace(Regex(f"{starts}{re.escape(capital)}{ends}"), letter)
        for capital, letter in capitals.items()
    ]


def _decoder(tokenizer: TextTokenizer, paragraph_break: str, own: Decoder | None) -> Decoder:
    breaks = [decoders.Replace(Regex(f" ?{re.escape(EOS)} ?"), paragraph_break)]
    if own is not None:
        return decoders.Sequence([own, *breaks])
    breaks.append(decoders.Replace(Regex(f" ?{re.escape(EOL_TOKEN)} ?"), "\n"))
    spaced = [decoders.WordPiece(prefix=_NO_TOKEN, cleanup=False), decoders.Fuse()]
    if tokenizer.kind == "whitespace":
        return decoders.Sequence([*spaced, *breaks])
    return decoders.Sequence([*spaced, *breaks, *_print_spacing(tokenizer)])


def _print_spacing(tokenizer: TextTokenizer) -> list[Decoder]:
    """Returns the steps that remove spaces beside the marks of the vocabulary, from a text with one between tokens."""
    sides = {word: spacing(word) for word in tokenizer.words() if len(word) == 1 and word not in "\"'"}
    left = [re.escape(mark) for mark, side in sides.items() if side.left and not side.right]
    right = [re.escape(mark) for mark, side in sides.items() if side.right and not side.left]
    steps: list[tuple[str | Regex, str]] = [*_quotation_marks(), *_apostrophes()]
    steps += [(f" {mark} ", mark) for mark, side in sides.items() if side.left and side.right]
    if right:
        opening = "|".join(right)
        steps.append((Regex(rf"(?:(?<=\A(?:{opening}))|(?<=[\s\"'](?:{opening}))) "), ""))
    closing = "|".join([*left, r"\.\.\."])
    steps.append((Regex(rf" (?=(?:{closing})(?:[\s\"']|\Z))"), ""))
    return [decoders.Replace(pattern, text) for pattern, text in steps]


def _quotation_marks() -> list[tuple[str | Regex, str]]:
    r"""Returns steps that join straight quotation marks, which open and close in turn within a paragraph.

    Each step joins the next mark of each paragraph, and puts a stand-in for it: \K keeps what is before it.
    """
    before = r'(?:\A|\n)[^"\n]*'
    pair = [(Regex(rf'{before}\K" (?=\S)'), _OPENED), (Regex(rf'{before}?\K ?"'), _CLOSED)]
    return [*pair * MAX_QUOTATIONS, (_OPENED, '"'), (_CLOSED, '"')]


def _apostrophes() -> list[tuple[str | Regex, str]]:
    """Returns steps that join single apostrophes: they open quotations if another follows that can close them.

    One after an s belongs to the word (the doctors' strike), and one before a contraction or a year to that ('21).
    """
    single = r"'(?=[\s\"]|\Z)"
    before = r"(?:\A|\n)(?:[^'\n]|'(?![\s\"]|\Z))*"
    turn = [
        (Regex(rf"{before}\K' (?=(?:\d\d|\d0s|em|til|tis|twas|cause)\b)"), _OPENED),
        (Regex(rf"{before}(?<!s )\K' (?=(?:[^'\n]|'(?![\s\"]|\Z))*{single})"), _OPENED),
        (Regex(rf"{before}?\K ?{single}"), _CLOSED),
    ]
    return [*turn * MAX_QUOTATIONS, (_OPENED, "'"), (_CLOSED, "'")]
