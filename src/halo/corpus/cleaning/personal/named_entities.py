"""Names of persons, places and organisations, found by a spaCy pipeline that the user names.

The pipeline is an installed package, such as en_core_web_sm, or a folder; nothing is ever downloaded. A name of a
package is only imported if that package says that it is a spaCy pipeline, so that the configuration of a model from
anybody imports nothing else.
"""

import functools
import hashlib
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from halo.corpus.cleaning.placeholders import INTERNAL
from halo.runtime.errors import InputError, packages_of_extra, reason

if TYPE_CHECKING:
    from spacy.language import Language

_KINDS = {
    **dict.fromkeys(("PERSON", "PER"), "person"),
    **dict.fromkeys(("GPE", "LOC", "FAC"), "location"),
    "ORG": "organisation",
}
"""The placeholder of each label of spaCy's pipelines; other entities, such as numbers and works of art, stay."""

_UNUSED = ("parser", "lemmatizer", "textcat")
_FINDERS = frozenset(["ner", "beam_ner", "entity_ruler", "span_ruler"])
_MAX_CHARACTERS = 2**24  # spaCy's own limit of a million is for parsers, which need more memory


class Entity(NamedTuple):
    """A name in a text.

    Attributes:
        kind: `person`, `location` or `organisation`.
        start: Where it begins in the text, in characters.
        end: Where it ends, one character behind it.
    """

    kind: str
    start: int
    end: int


def find_entities(text: str, model: str) -> list[Entity]:
    """Returns the names in `text`, each paragraph read by itself, without those in which a placeholder stands.

    Args:
        text: The text, in its own letter case.
        model: The package or folder of the spaCy pipeline.

    Raises:
        InputError: There is no such pipeline, or the extra `personal` is not installed.
    """
    pipeline = _load(model)
    paragraphs = text.split("\n\n")
    begins = [0]
    for paragraph in paragraphs[:-1]:
        begins.append(begins[-1] + len(paragraph) + 2)
    return [
        Entity(_KINDS[entity.label_], begin + entity.start_char, begin + entity.end_char)
        for begin, document in zip(begins, pipeline.pipe(paragraphs), strict=True)
        for entity in document.ents
        if entity.label_ in _KINDS and not any(character in INTERNAL for character in entity.text)
    ]


def replace_entities(text: str, entities: Sequence[Entity], stand_ins: dict[str, str]) -> str:
    """Returns `text` with the stand-in of its kind for each of some names, which are in order."""
    pieces: list[str] = []
    copied = 0
    for kind, start, end in entities:
        pieces += text[copied:start], stand_ins[kind]
        copied = end
    return "".join([*pieces, text[copied:]])


@functools.lru_cache(maxsize=2)
def _load(model: str) -> "Language":
    _require_pipeline(model)
    with packages_of_extra("personal", purpose="data.cleaning.engine=spacy"):
        import spacy
    try:
        pipeline = spacy.load(model, exclude=_UNUSED)
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"data.cleaning.engine_model={model}: cannot be loaded: {reason(error)}") from error
    if _FINDERS.isdisjoint(pipeline.pipe_names):
        has = ", ".join(pipeline.pipe_names) or "no components"
        raise InputError(
            f"data.cleaning.engine_model={model}: finds no names (it has {has}); use a pipeline with `ner` or "
            "`entity_ruler`"
        )
    pipeline.max_length = _MAX_CHARACTERS
    return pipeline


def _require_pipeline(model: str) -> None:
    installed = {each.name for each in entry_points(group="spacy_models")}
    if not (Path(model).expanduser() / "config.cfg").is_file() and model not in installed:
        known = f"installed are {', '.join(sorted(installed))}" if installed else "none is installed"
        raise InputError(
            f"data.cleaning.engine_model={model}: no spaCy pipeline of this name; give a folder with config.cfg, or "
            f"install a pipeline such as en_core_web_sm ({known}); nothing is downloaded"
        )


def pipeline_version(model: str) -> str:
    """Returns what identifies the results of a spaCy pipeline: its version, or a hash of its folder; and spaCy's.

    Raises:
        InputError: There is no such pipeline, or the extra `personal` is not installed.
    """
    with packages_of_extra("personal", purpose="data.cleaning.engine=spacy"):
        import spacy  # noqa: F401
    _require_pipeline(model)
    folder = Path(model).expanduser()
    if not (folder / "config.cfg").is_file():
        return f"{model} {version(model)}, spacy {version('spacy')}"
    digest = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{digest.hexdigest()[:16]}, spacy {version('spacy')}"
