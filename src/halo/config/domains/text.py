"""Settings of cleaning and tokenization."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed, Count, PathText
from halo.runtime.errors import require

CLEANING_STEPS = (
    "control",
    "unicode",
    "html",
    "hyphenation",
    "typography",
    "urls",
    "emails",
    "ibans",
    "ids",
    "ips",
    "dates",
    "streets",
    "postcodes",
    "phones",
    "handles",
    "special",
)
_FURTHER_STEPS = frozenset(["ibans", "ids", "ips", "dates", "streets", "postcodes"])
_RESERVED_NAMES = frozenset(
    (
        *("unk", "eos", "eol", "url", "email", "phone", "handle", "number", "date", "id", "iban", "ip", "street"),
        *("postcode", "person", "location", "organisation"),
    )
)
MAX_PATTERNS = 16
"""Of `data.cleaning.patterns`: Unicode reserves no more characters that can stand for their placeholders."""

_PATTERN_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def require_pattern(key: str, pattern: str) -> None:
    """Raises `InputError` unless a text is a regular expression that matches something, and in reasonable time.

    Args:
        key: The setting, for the message.
        pattern: The regular expression, as the library `regex` has them.
    """
    import regex

    try:
        compiled = regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        require(False, key, pattern, f"must be a regular expression: {error}")
    require(compiled.search("") is None, key, pattern, "must not match an empty text; use + in place of *")
    # What takes exponential time takes it on thirty characters, all but the last of which match.
    for probe in _PROBES:
        try:
            compiled.search(probe, timeout=_PROBE_SECONDS)
        except TimeoutError:
            allowed = "takes too long on some texts; avoid repetitions within repetitions, such as (a+)+"
            require(False, key, pattern, allowed)


_PROBE_SECONDS = 1.0
_PROBES = (
    *(f"{each * 40}\n!" for each in ("a", "A", "0", " ", "-", ".", "_", "aA", "a0", "a ", "0 ", "0-")),
    "x" * 2000,
)


@dataclass(config=OPTIONS)
class CleaningConfig:
    """Settings of `halo.corpus.cleaning.pipeline.clean`."""

    steps: Annotated[
        list[str], Allowed(f"a selection of these, each once and in this order: {', '.join(CLEANING_STEPS)}")
    ] = Field(
        description="Cleaning steps to run; [] runs none. control: removes control, zero-width and direction "
        "characters; unicode: composes characters (NFC) and replaces ligatures and full-width letters by plain ones; "
        "html: decodes entities, removes tags, comments, scripts and style sheets; hyphenation: joins words that are "
        "divided at the end of a line; typography: replaces typographic quotation marks, dashes and ellipses by their "
        "ASCII forms; urls, emails, phones, handles: replace these by <url>, <email>, <phone>, <handle>; ibans, ids, "
        "ips, dates, streets, postcodes: likewise bank account numbers, numbers of records, insurances, documents and "
        "payment cards, IP addresses, dates that name a day, streets with a number, and postcodes; special: "
        "removes emoji and other pictographs, or everything but letters, digits and keep_characters.",
        json_schema_extra={"items": {"enum": [*CLEANING_STEPS]}, "uniqueItems": True},
    )
    case: Literal["keep", "lower", "upper", "lower_keep_acronyms"] = Field(
        description="Letter case: keep; lower; upper, for DNA; or lower_keep_acronyms, which keeps words with a "
        "capital beyond their first letter (PCR, mRNA, SpO2) or with a capital and a digit (R0, A4).",
    )
    numbers: Literal["keep", "digits_to_0", "placeholder"] = Field(
        description="Numbers: keep; digits_to_0 replaces every digit by 0; placeholder replaces every number that is "
        "not part of a word (COVID-19 and R0 stay) by <number>.",
    )
    keep_characters: Annotated[str, Field(pattern=r"^\S*$"), Allowed("characters other than white space")] | None = (
        Field(
            description="Characters that the step special keeps besides letters, digits and white space. null: all "
            "punctuation, mathematical and currency signs, units and symbols of text, in any script.",
        )
    )

    # It has a default here too, since models that were saved by earlier versions lack it.
    line_ends: Literal["space", "eol"] = Field(
        default="space",
        description="Line ends within a paragraph: space joins the lines, as those of wrapped prose; eol makes each a "
        "token <eol>, for verse and source code.",
    )

    patterns: dict[str, str] = Field(
        default_factory=dict,
        description="Regular expressions of your own, by a name: what one matches becomes <NAME>. They run before the "
        "steps, on each paragraph, and see capitals: (?i) ignores them. {}: none.",
    )
    engine: Literal["spacy"] | None = Field(
        default=None,
        description="What finds names, which become <person>, <location> and <organisation>: spacy, which needs the "
        "extra personal and data.cleaning.engine_model. null: nothing, names stay.",
    )
    engine_model: PathText | None = Field(
        default=None,
        description="The spaCy pipeline of data.cleaning.engine: an installed package, such as en_core_web_sm, or a "
        "folder. Nothing is downloaded.",
    )

    @property
    def has_further_placeholders(self) -> bool:
        """Whether these settings put in other placeholders than <url>, <email>, <phone>, <handle>, <number>, <eol>."""
        return bool(self.patterns) or self.engine is not None or not _FURTHER_STEPS.isdisjoint(self.steps)

    @model_validator(mode="after")
    def _check_engine(self) -> "CleaningConfig":
        model, engine = "data.cleaning.engine_model", "data.cleaning.engine"
        allowed = "must name the spaCy pipeline of data.cleaning.engine=spacy: a package or a folder"
        require(self.engine is None or self.engine_model is not None, model, "null", allowed)
        allowed = f"must be spacy with {model}={self.engine_model}"
        require(self.engine_model is None or self.engine is not None, engine, "null", allowed)
        return self

    @model_validator(mode="after")
    def _check_patterns(self) -> "CleaningConfig":
        key, number = "data.cleaning.patterns", len(self.patterns)
        require(number <= MAX_PATTERNS, f"{key} (number)", number, f"must be at most {MAX_PATTERNS}")
        for name, pattern in self.patterns.items():
            allowed = "a name has lower-case letters, digits and _, begins with a letter, and has at most 31 characters"
            require(_PATTERN_NAME.fullmatch(name) is not None, f"{key}.{name}", pattern, allowed)
            require(name not in _RESERVED_NAMES, f"{key}.{name}", pattern, f"<{name}> is taken; choose another name")
            require_pattern(f"{key}.{name}", pattern)
        return self

    @model_validator(mode="after")
    def _check_order(self) -> "CleaningConfig":
        in_order = [step for step in CLEANING_STEPS if step in self.steps]
        allowed = f"must be a selection of these, each once and in this order: {', '.join(CLEANING_STEPS)}"
        require(self.steps == in_order, "data.cleaning.steps", f"[{', '.join(self.steps)}]", allowed)
        return self


@dataclass(config=OPTIONS)
class TokenizerConfig:
    """Settings of `halo.tokenization.tokenizer.TextTokenizer`: what a token is, and which ones the vocabulary holds."""

    kind: Literal["word", "whitespace", "char", "bpe", "kmer"] = Field(
        description="What a token is. word: a word, number or punctuation mark; whitespace: anything between white "
        "space, for text that is tokenized already and in which a literal <unk> is the unknown word; char: a "
        "character; bpe: a subword by byte-pair encoding of the UTF-8 bytes; kmer: data.genome.kmer_length bases.",
    )
    min_count: Count = Field(
        description="Tokens that occur fewer times in the training split become <unk>; with bpe, rarer pairs are not "
        "merged. With 1 no training token is unknown, so the model learns nothing about unknown words.",
    )
    max_size: Annotated[int, Field(strict=True, ge=3)] | None = Field(
        description="Largest vocabulary size, <unk> and <eos> included; the most frequent tokens are kept. null: no "
        "limit. bpe requires a size, at least 258, and merges until it is reached.",
    )
    eos: Literal["paragraph", "line", "document"] = Field(
        description="Where <eos> is inserted: after each paragraph, whose lines are joined; after each line, which "
        "keeps the lines of verse and source code, and generated text has them too (not blank lines and indentation); "
        "or only after each document.",
    )

    @property
    def paragraph_break(self) -> str:
        """What readable text has for an `<eos>`: a line feed or a blank line."""
        return "\n" if self.eos == "line" else "\n\n"

    @model_validator(mode="after")
    def _check_bpe_size(self) -> "TokenizerConfig":
        if self.kind == "bpe":
            shown = "null" if self.max_size is None else self.max_size
            allowed = "must be at least 258 with data.tokenizer.kind=bpe (256 bytes, <unk>, <eos>); try 8000"
            require((self.max_size or 0) >= 258, "data.tokenizer.max_size", shown, allowed)
        return self
