"""Settings of `halo.serve`."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, Count, CountFromZero, NonEmpty, PathText, Positive
from halo.runtime.errors import InputError, require

MAX_SERVED_WORDS = 100_000
"""The upper limit of `max_words`: words of one generation."""

MIN_TOKEN_CHARACTERS = 8


@dataclass(config=OPTIONS)
class ServeConfig(ModelSourceConfig):
    """All settings of `python -m halo.serve`; one of `run`, `bundle` and `models` is given, or `classifier` alone."""

    models: Annotated[list[PathText], Field(min_length=1)] | None = Field(
        description="Several models: run folders or bundles, as models=A,B; give either these, run or bundle.",
    )
    classifier: PathText | None = Field(
        description="Classifier beside these models: run folder of halo.classify or saved classifier. null: none, "
        "unless run, bundle or models name one.",
    )
    host: NonEmpty = Field(
        description="Address to listen on. Another one than 127.0.0.1 can be reached from other machines, and needs a "
        "token.",
    )
    port: Annotated[int, Field(strict=True, ge=0, le=65535)] = Field(
        description="Port to listen on. 0: any that is free.",
    )
    token: NonEmpty | None = Field(
        description="What clients must send as `Authorization: Bearer TOKEN`; better given in the environment as "
        "HALO_TOKEN. null: no token.",
    )
    allowed_hosts: list[NonEmpty] = Field(
        description="Further names by which the server may be addressed; its addresses and localhost always may.",
    )
    allowed_origins: list[NonEmpty] = Field(
        description="Pages of other servers that may use this one, such as https://example.org.",
    )
    cache_dir: PathText = Field(
        description="Folder of prepared corpora, in which the training text of a model is looked for.",
    )
    max_characters: Count = Field(description="Characters of a text in a request.")
    max_words: Annotated[int, Field(strict=True, ge=1, le=MAX_SERVED_WORDS)] = Field(
        description="Words generated for one request.",
    )
    max_body_bytes: Count = Field(description="Bytes of the body of a request.")
    requests_per_minute: CountFromZero = Field(description="Requests of one client per minute. 0: no limit.")
    concurrent_requests: Count = Field(
        description="Requests that are worked on at once, word by word in turn; more are told to try again.",
    )
    threads: Count | None = Field(description="Threads that compute. null: one for each core.")
    request_seconds: Positive = Field(description="Seconds after which a generation is ended.")
    body_seconds: Positive = Field(description="Seconds in which the body of a request must arrive.")

    @property
    def folders(self) -> list[str]:
        """The folders of all models and classifiers."""
        named = [self.run, self.bundle, *(self.models or []), self.classifier]
        return [folder for folder in named if folder is not None]

    @model_validator(mode="after")
    def _check(self) -> "ServeConfig":
        given = [each for each in (self.run, self.bundle, self.models) if each is not None]
        if len(given) > 1 or not (given or self.classifier is not None):
            raise InputError(
                "give one of: run=FOLDER of a training run, bundle=FOLDER of a saved model, or models=A,B; "
                "and classifier=FOLDER beside it, if you like"
            )
        if self.token is not None:
            require_usable_token(self.token, key="token")
        for origin in self.allowed_origins:
            is_origin = origin.startswith(("http://", "https://")) and origin.count("/") == 2
            require(is_origin, "allowed_origins", origin, "must be like https://example.org, without a path")
        return self


def require_usable_token(token: str, *, key: str) -> None:
    """Raises `InputError`, without showing the token, if it is too short or cannot stand in a header.

    Args:
        token: The token.
        key: The setting or variable that it comes from.
    """
    is_plain = token.isascii() and token.isprintable() and " " not in token
    if len(token) < MIN_TOKEN_CHARACTERS or not is_plain:
        allowed = f"must have at least {MIN_TOKEN_CHARACTERS} characters, ASCII without spaces"
        raise InputError(f"{key}: {allowed}; python -c 'import secrets; print(secrets.token_urlsafe())' makes one")
