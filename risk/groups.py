"""Groups of markets that tend to move together, by patterns of their names (R17a)."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase


class Groups:
    """Which groups of `[groups]` a market is in. It is in one if any of its patterns fits."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self._patterns = {name: tuple(each) for name, each in patterns.items()}
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, market: str) -> tuple[str, ...]:
        """Names of its groups, as the settings order them."""
        found = self._known.get(market)
        if found is None:
            found = tuple(
                name
                for name, patterns in self._patterns.items()
                if any(fnmatchcase(market, pattern) for pattern in patterns)
            )
            self._known[market] = found
        return found
