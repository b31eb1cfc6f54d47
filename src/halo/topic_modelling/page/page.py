"""Topics -> topics.html: one file that needs no network and no other file."""

from pathlib import Path

from markupsafe import Markup

from halo.comparing.page.page import FOLDER as COMPARISON_PAGE
from halo.comparing.page.page import hash_of
from halo.reports.data_report.page import environment, style_sheet
from halo.reports.run_page.page import FOLDER as RUN_PAGE
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, packages_of_extra, reason
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.page.material import Material
from halo.topic_modelling.page.sections import SECTIONS
from halo.topic_modelling.result import TopicResult

FILE_NAME = "topics.html"
FOLDER = Path(__file__).parent


def require_page_packages() -> None:
    """Raises `InputError` if a package that the page needs is missing, before topics have been waited for."""
    with packages_of_extra("topics", purpose="the page of topics (page=false: none)"):
        import plotly  # noqa: F401


def write_topics_page(result: TopicResult, crossed: CrossedTopics, file: Path, *, passages: int, seed: int) -> None:
    """Writes the page about the topics of a collection.

    Args:
        result: The topics.
        crossed: What else is known of them.
        file: The page.
        passages: The number of typical passages of each topic; with 0 the page has no text of the collection.
        seed: Seed of the map.

    Raises:
        InputError: A package is missing, or the file cannot be written.
    """
    text = render(Material(result, crossed, passages=passages, seed=seed))
    try:
        atomic_write(file, text)
    except OSError as error:
        raise InputError(f"{file}: the page cannot be written ({reason(error)}); page=false leaves it out") from error


def render(material: Material) -> str:
    """Returns the page; the same topics always give the same page."""
    from plotly.offline import get_plotlyjs

    # The browser ends lines with a line feed before it computes the hash of a script.
    library = get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n")
    script = (COMPARISON_PAGE / "charts.js").read_text(encoding="utf-8")
    templates = environment(FOLDER / "templates", COMPARISON_PAGE / "templates", RUN_PAGE / "templates")
    sections = []
    for name, section in SECTIONS.items():
        context = section.context(material)
        if context is None:
            continue
        template = "missing.html.jinja" if "missing" in context else section.template
        body = Markup(templates.get_template(template).render(context))
        sections.append({"name": name, "title": section.title, "body": body})
    rules = [(each / "style.css").read_text(encoding="utf-8") for each in (RUN_PAGE, COMPARISON_PAGE, FOLDER)]
    return templates.get_template("topics.html.jinja").render(
        num_topics=len(material.result.topics),
        num_units=len(material.result.units),
        unit=material.result.unit,
        style_sheet=style_sheet() + Markup("".join(rules)),
        sections=sections,
        permitted=Markup(" ".join(f"'{hash_of(each)}'" for each in (library, script))),
        library=Markup(library),
        script=Markup(script),
    )
