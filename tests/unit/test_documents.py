"""Pages that are generated, or quoted, say what the code says."""

from domain.enums import Gate, Refusal
from domain.parameters import PARAMETERS
from reporting.parameter_table import with_table
from source_tree import ROOT


def test_the_parameter_table_of_the_playbook_page_is_the_generated_one() -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text()
    assert with_table(page) == page


def test_the_rules_name_every_gate_and_refusal() -> None:
    rules = (ROOT / "docs" / "rules.md").read_text()
    assert all(f"`{word.word}`" in rules for word in (*Gate, *Refusal))


def test_no_parameter_is_listed_twice() -> None:
    assert len({parameter.path for parameter in PARAMETERS}) == len(PARAMETERS)
    assert len({parameter.field for parameter in PARAMETERS}) == len(PARAMETERS)
