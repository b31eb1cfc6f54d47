"""`python -m halo.prepare`: makes a text into ids, and shows what it consists of."""

import logging

from omegaconf import DictConfig

from halo.command import command
from halo.config import PrepareConfig, parse

log = logging.getLogger(__name__)


@command("prepare")
def main(composed: DictConfig) -> None:
    """Prepares the text and prints its table."""
    config = parse(composed, PrepareConfig)

    from halo.reporting import corpus_table
    from halo.text.corpus import prepare

    log.info(corpus_table(prepare(config.data)))


if __name__ == "__main__":
    main()
