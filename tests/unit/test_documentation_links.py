"""Links between pages lead somewhere, and every page can be reached from the index."""

import re
from pathlib import Path

import pytest

from documentation import NAMES, PAGES, fenced
from source_tree import ROOT


def links(page: Path) -> list[str]:
    """Where a page links to, external addresses left out."""
    text = "\n".join(line for _, fence, line in fenced(page) if fence == "-")
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [each for each in found if not each.startswith(("http://", "https://"))]


def anchors(page: Path) -> set[str]:
    """The headings of a page as they are linked to."""
    titles = [line.lstrip("# ") for _, f, line in fenced(page) if f == "-" and line[:1] == "#"]
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {link.partition("#")[0] for link in links(index)}
    assert {page.name for page in PAGES[1:] if page != index} <= linked


def test_every_picture_says_in_words_what_it_shows() -> None:
    texts = re.findall(r"!\[([^\]]*)\]", "".join(page.read_text() for page in PAGES))
    assert texts
    assert all(len(text.split()) >= 8 for text in texts)
