"""Generate text from a trained model and a prompt."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.cli.standard_streams import print_output
from halo.config import GenerateConfig, parse
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("generate")
def main(composed: "DictConfig") -> None:
    """Prints the generated texts and writes them to samples.txt."""
    config = parse(composed, GenerateConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.generation.generator import generate
    from halo.generation.prompts import encode_prompt
    from halo.runtime.allocator import keep_freed_memory
    from halo.tokenization.detokenizer import for_terminal

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    data = opened.config.data
    prompt_ids = encode_prompt(config.prompt, opened.tokenizer, data.cleaning, eos=data.tokenizer.eos)
    samples = generate(
        opened.model,
        opened.tokenizer,
        prompt_ids,
        num_samples=config.num_samples,
        sampling=config,
        dtype=config.dtype,
        paragraph_break=data.tokenizer.paragraph_break,
    )
    text = for_terminal("\n\n---\n\n".join(samples))
    (output_dir() / "samples.txt").write_text(text + "\n", encoding="utf-8")  # first: nobody may read to the end
    print_output(text)


if __name__ == "__main__":
    main()
