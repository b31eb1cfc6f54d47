"""Generated texts as they are shown and saved: with the prompt as it was given, with capitals, as JSON Lines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from halo.generation.generator import Sample
from halo.generation.recasing import Recaser
from halo.generation.stopping import Stops
from halo.tokenization.text_stream import text_pieces
from halo.tokenization.tokenizer import TextTokenizer

CONTROL = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""The control characters that JSON leaves as they are, which a terminal might obey."""


@dataclass(frozen=True)
class WrittenText:
    """A generated text.

    Attributes:
        text: The prompt as it was given, and the pieces.
        cleaned_text: The text as the model has it: the prompt cleaned, and no capitals that it does not know.
        tokens: The generated tokens as they stand in the vocabulary.
        pieces: What each token adds to the text, spaces included.
        logprobs: Natural logarithm of each token's probability, before temperature, limits and penalties.
        ranks: 1 where it was the likeliest token, 2 where the next, and so on; `<unk>` is not counted.
        is_stopped: Whether a stop has ended the text.
    """

    text: str
    cleaned_text: str
    tokens: list[str]
    pieces: list[str]
    logprobs: list[float]
    ranks: list[int]
    is_stopped: bool


def written_text(
    sample: Sample,
    tokenizer: TextTokenizer,
    *,
    prompt: str,
    prompt_ids: Sequence[int],
    paragraph_break: str = "\n\n",
    cased_forms: Mapping[str, str] | None = None,
    stops: Stops | None = None,
) -> WrittenText:
    """Returns a sample as a text.

    Args:
        sample: What has been generated.
        tokenizer: The vocabulary.
        prompt: The prompt as it was given; may be empty.
        prompt_ids: Its tokens.
        paragraph_break: What is written for `<eos>`.
        cased_forms: For `Recaser`; None for a text without further capitals.
        stops: The stops that the sample was generated with.

    >>> tokenizer = TextTokenizer.train(["it was, he said"], kind="word", min_count=1, max_size=None)
    >>> sample = Sample(tokenizer.encode(", he said"), [], [])
    >>> written_text(sample, tokenizer, prompt="It was", prompt_ids=tokenizer.encode("it was")).text
    'It was, he said'
    """
    pieces = text_pieces(tokenizer, [*prompt_ids, *sample.ids], paragraph_break=paragraph_break)
    cleaned_text = "".join(pieces)
    if cased_forms is not None:
        recaser = Recaser(cased_forms)
        pieces = [recaser.add(piece) for piece in pieces]
    generated = pieces[len(prompt_ids) :]
    return WrittenText(
        text=prompt.rstrip() + "".join(generated),
        cleaned_text=cleaned_text,
        tokens=[tokenizer.token(token_id) for token_id in sample.ids],
        pieces=generated,
        logprobs=sample.logprobs,
        ranks=sample.ranks,
        is_stopped=stops is not None and stops.end(sample.ids),
    )


def json_lines(texts: Sequence[WrittenText], *, prompt: str, settings: Mapping[str, Any]) -> str:
    """Returns one JSON object a line for each text.

    Args:
        texts: The texts.
        prompt: The prompt as it was given.
        settings: How they were generated: seed, temperature, and so on.
    """
    described = {"seed": settings["seed"], "settings": {**settings}}
    records = ({"sample": number, "prompt": prompt, **asdict(text), **described} for number, text in enumerate(texts))
    return "\n".join(json.dumps(record, ensure_ascii=False).translate(CONTROL) for record in records)
