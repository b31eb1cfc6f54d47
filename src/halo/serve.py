"""Serve a page to play with a trained model, and HTTP endpoints."""

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.config import ServeConfig, parse
from halo.config.commands.serve import require_usable_token
from halo.runtime.errors import packages_of_extra

if TYPE_CHECKING:
    from omegaconf import DictConfig

TOKEN_VARIABLE = "HALO_TOKEN"

log = logging.getLogger(__name__)


@command("serve")
def main(composed: "DictConfig") -> None:
    """Prints the address of the page, and answers requests until Ctrl-C."""
    config = parse(composed, ServeConfig)
    if config.token is None and (token := os.environ.get(TOKEN_VARIABLE)):
        require_usable_token(token, key=TOKEN_VARIABLE)
        config = replace(config, token=token)

    with packages_of_extra("serve", purpose="halo.serve"):
        from halo.serving.app import create_app
        from halo.serving.server import address_of, listen, serve
    from halo.serving.answers.opening import open_classifiers, open_models

    listener = listen(config)  # first: loading takes seconds
    app = create_app(open_models(config), config, classifiers=open_classifiers(config))
    log.info("The page is at %s (Ctrl-C stops it)", address_of(listener))
    serve(app, listener)
    log.info("Stopped")


if __name__ == "__main__":
    main()
