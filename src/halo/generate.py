"""Generate text from a trained model and a prompt."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.cli.standard_streams import print_output, write_output
from halo.config import GenerateConfig, SamplingConfig, parse
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import require
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omegaconf import DictConfig

    from halo.bundle.loading import Bundle
    from halo.generation.stopping import Stops
    from halo.generation.written_text import WrittenText

BETWEEN = "\n\n---\n\n"
"""What stands between several texts."""

log = logging.getLogger(__name__)


@command("generate")
def main(composed: "DictConfig") -> None:
    """Prints the generated texts and writes them to samples.txt."""
    config = parse(composed, GenerateConfig)
    _require_usable_output(config.output)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.generation.written_text import json_lines
    from halo.models.computed_weights import fix_computed_weights
    from halo.runtime.allocator import keep_freed_memory
    from halo.tokenization.detokenizer import for_terminal

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    fix_computed_weights(opened.model)
    prompt = _prompt(config)
    if config.interactive:
        _save(for_terminal(_write_together(opened, config, prompt)))
        return
    texts = _generate(opened, config, prompt)
    shown = for_terminal(BETWEEN.join(text.text.strip() for text in texts))
    _save(shown)  # first: nobody may read standard output to the end
    if config.format == "jsonl" or (config.format is None and str(config.output).endswith(".jsonl")):
        names = [*SamplingConfig.__annotations__, "beams", "stops", "dtype", "run", "bundle"]
        shown = json_lines(texts, prompt=prompt, settings={name: getattr(config, name) for name in names})
    if config.output is None:
        print_output(shown)
    else:
        atomic_write(Path(config.output), f"{shown}\n")
        log.info("Written to %s", config.output)


def _require_usable_output(output: str | None) -> None:
    if output is not None:
        allowed = "is a folder; name a file, such as samples.jsonl"
        require(not Path(output).is_dir() and not output.endswith("/"), "output", output, allowed)


def _prompt(config: GenerateConfig) -> str:
    """Returns the prompt as it is given, whichever way; empty where none is."""
    from halo.generation.prompts import STANDARD_INPUT, has_piped_input, read_prompt

    if config.prompt is not None:
        return config.prompt
    if config.prompt_file is not None:
        return read_prompt(config.prompt_file)
    if config.interactive:
        return ""
    if has_piped_input():
        log.info("The prompt is read from standard input")
        return read_prompt(STANDARD_INPUT)
    log.info('No prompt is given, so each text starts a paragraph; prompt="..." gives its beginning')
    return ""


def _stops(opened: "Bundle", config: GenerateConfig) -> "Stops | None":
    """Returns the stops, cleaned as the training text was; one that can never be written is reported."""
    from halo.corpus.cleaning.pipeline import clean
    from halo.generation.stopping import Stops
    from halo.tokenization.backends import EOS

    cleaned = [stop if stop == EOS else clean(stop, opened.config.data.cleaning) for stop in config.stops]
    for stop, left in zip(config.stops, cleaned, strict=True):
        require(bool(left), "stop", stop, "the model writes no such characters; give words or marks of its text")
    stops = Stops(opened.tokenizer, cleaned)
    for stop in stops.never:
        log.warning("stop=%s: not in the vocabulary of this model, so it ends no text", stop)
    return stops if cleaned else None


def _generate(opened: "Bundle", config: GenerateConfig, prompt: str) -> "list[WrittenText]":
    from halo.generation.beam_search import beam_search
    from halo.generation.generator import generate_samples
    from halo.generation.prompts import encode_prompt
    from halo.generation.written_text import written_text

    model, tokenizer, data = opened.model, opened.tokenizer, opened.config.data
    prompt_ids = encode_prompt(prompt, tokenizer, data.cleaning, eos=data.tokenizer.eos) if prompt else []
    stops = _stops(opened, config)
    how: dict[str, Any] = {"sampling": config, "dtype": config.dtype, "stops": stops}
    if config.beams > 1:
        log.info("beams=%d: temperature, top_k, top_p, min_p, typical_p and seed have no effect", config.beams)
        samples = beam_search(model, tokenizer, prompt_ids, beams=config.beams, **how)[: config.num_samples]
    else:
        num_samples = config.num_samples
        samples = generate_samples(model, tokenizer, prompt_ids, num_samples=num_samples, with_scores=True, **how)
    return [
        written_text(
            sample,
            tokenizer,
            prompt=prompt,
            prompt_ids=prompt_ids,
            paragraph_break=data.tokenizer.paragraph_break,
            cased_forms=_cased_forms(opened, config),
            stops=stops,
        )
        for sample in samples
    ]


def _write_together(opened: "Bundle", config: GenerateConfig, prompt: str) -> str:
    """Writes a text in turns with the user and returns it."""
    from halo.generation.interactive import Conversation
    from halo.generation.prompts import encode_prompt, typed_lines
    from halo.tokenization.detokenizer import for_terminal

    data = opened.config.data
    conversation = Conversation(
        opened.model,
        opened.tokenizer,
        sampling=SamplingConfig(**{name: getattr(config, name) for name in SamplingConfig.__annotations__}),
        encode=lambda line: encode_prompt(line, opened.tokenizer, data.cleaning, eos=data.tokenizer.eos, key="line"),
        show=lambda piece: write_output(for_terminal(piece)),
        cased_forms=_cased_forms(opened, config),
        paragraph_break=data.tokenizer.paragraph_break,
        stops=_stops(opened, config),
        dtype=config.dtype,
    )
    log.info("Write the beginning of a text; /help lists the commands, /quit ends")
    return conversation.run(typed_lines([prompt] if prompt else []))


def _cased_forms(opened: "Bundle", config: GenerateConfig) -> "Mapping[str, str] | None":
    return opened.cased_forms if config.recase and opened.config.data.cleaning.case != "keep" else None


def _save(text: str) -> None:
    (output_dir() / "samples.txt").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
