"""What a shell offers where a name is expected. It says nothing where names cannot be found."""

from collections.abc import Callable

from domain.enums import Word
from domain.errors import BadConfig


def playbooks(incomplete: str) -> list[str]:
    """Names of playbooks that begin so: shipped ones and the user's."""
    from config.catalog import list_playbooks

    try:
        return [name for name in list_playbooks() if name.startswith(incomplete)]
    except BadConfig:
        return []


def instruments(incomplete: str) -> list[str]:
    """Names of shipped instruments that begin so."""
    from config.catalog import list_instruments

    return [name for name in list_instruments() if name.startswith(incomplete)]


def scenario_names(incomplete: str) -> list[str]:
    """Names of the gym's sessions that begin so."""
    from agent.gym.scenarios import scenarios

    return [each.name for each in scenarios() if each.name.startswith(incomplete)]


def words_of(kind: type[Word]) -> Callable[[str], list[str]]:
    """What offers the words of a closed set."""

    def begun(incomplete: str) -> list[str]:
        return [member.word for member in kind if member.word.startswith(incomplete)]

    return begun
