"""The glossary is sorted, and explains what is said somewhere else."""

import re
from functools import cache
from typing import Final

import pytest

from documentation import PAGES
from source_tree import ROOT, python_files, shipped_packages

PAGE: Final = ROOT / "docs" / "glossary.md"
TERMS: Final = re.findall(r"^\*\*(.+?)\*\*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@cache
def said() -> str:
    """All that people can read: the other pages, and the program's own words."""
    files = [*(page for page in PAGES if page != PAGE), *python_files(*shipped_packages())]
    text = " ".join(file.read_text(encoding="utf-8") for file in files)
    return re.sub(r"[\s_`\"]+", " ", text).lower()


def test_terms_stand_in_the_order_of_the_alphabet_and_once() -> None:
    assert [term.lower() for term in TERMS] == sorted({term.lower() for term in TERMS})


@pytest.mark.parametrize("term", TERMS)
def test_every_term_is_used_outside_the_glossary(term: str) -> None:
    plural = r"(s|es)?"
    words = [re.escape(word.strip().lower()) for word in term.split(",")]
    assert re.search(rf"\b({'|'.join(words)}){plural}\b", said())
