"""Keys of the state that the engine keeps in its ledgers, for whoever reads it there.

They lie by themselves so that verbs which only read need not import the state's own types.
"""

from typing import Final

ACCOUNT: Final = "account"
RISK: Final = "risk"
MARKET: Final = "market "  # and the market's name
