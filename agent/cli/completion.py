"""What a shell offers where a name is expected. It says nothing where names cannot be found."""

from domain.errors import BadConfig


def playbooks(incomplete: str) -> list[str]:
    """Names of playbooks that begin so: shipped ones and the user's."""
    from config.catalog import list_playbooks

    try:
        return [name for name in list_playbooks() if name.startswith(incomplete)]
    except BadConfig:
        return []


def instruments(incomplete: str) -> list[str]:
    """Names of shipped instruments that begin so, in any case."""
    from config.catalog import list_instruments

    begun = incomplete.lower()
    return [name for name in list_instruments() if name.lower().startswith(begun)]
