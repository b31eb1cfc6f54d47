"""topics.html, the page about the topics of a collection."""

from halo.topic_modelling.page.page import FILE_NAME, require_page_packages, write_topics_page

__all__ = ["FILE_NAME", "require_page_packages", "write_topics_page"]
