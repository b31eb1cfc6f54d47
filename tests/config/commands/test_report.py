"""Settings of the page."""

from halo.config import ReportConfig, parse
from tests.conftest import compose_config


def test_the_page_may_have_a_name_of_its_own() -> None:
    config = parse(compose_config("report", ["run=x", "output=page.html"]), ReportConfig)
    assert (config.run, config.output, config.cache_dir) == ("x", "page.html", "outputs/cache")
