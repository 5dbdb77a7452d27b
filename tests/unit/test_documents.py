"""Pages that are generated, or quoted, say what the code says."""

import re
from pathlib import Path

from config.catalog import list_playbooks, load_playbook
from domain.enums import Gate, Refusal
from domain.parameters import PARAMETERS
from reporting.parameter_table import with_table
from source_tree import ROOT


def test_the_parameter_table_of_the_playbook_page_is_the_generated_one() -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text()
    assert with_table(page) == page


def test_the_playbooks_written_out_on_the_page_can_be_loaded(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text()
    for name, text in re.findall(r"```toml\n# ([a-z-]+)\.toml\n(.*?)```", page, re.DOTALL):
        (tmp_path / f"{name}.toml").write_text(text)
    day = load_playbook(str(tmp_path / "my-day.toml"))
    assert [each.playbook.name for each in day.switches] == ["defensive", "chop", "morning"]
    assert day.values == load_playbook(str(tmp_path / "morning.toml")).values


def test_the_page_has_a_paragraph_for_each_shipped_playbook() -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text()
    paragraphs = re.findall(r"^\*\*([a-z-]+)\*\* ", page, re.MULTILINE)
    assert sorted(paragraphs) == list_playbooks()


def test_the_rules_name_every_gate_and_refusal() -> None:
    rules = (ROOT / "docs" / "rules.md").read_text()
    assert all(f"`{word.word}`" in rules for word in (*Gate, *Refusal))


def test_no_parameter_is_listed_twice() -> None:
    assert len({parameter.path for parameter in PARAMETERS}) == len(PARAMETERS)
    assert len({parameter.field for parameter in PARAMETERS}) == len(PARAMETERS)
