"""Settings of cleaning and tokenization."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed, Count
from halo.runtime.errors import require

CLEANING_STEPS = (
    "control",
    "unicode",
    "html",
    "hyphenation",
    "typography",
    "urls",
    "emails",
    "phones",
    "handles",
    "special",
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
        "ASCII forms; urls, emails, phones, handles: replace these by <url>, <email>, <phone>, <handle>; special: "
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
