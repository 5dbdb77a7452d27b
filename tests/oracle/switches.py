"""Playbooks that give way to others: W1."""

from domain.enums import OutputKind
from domain.playbooks import Playbook, PlaybookSwitch
from oracle.account import Account
from oracle.said import say
from oracle.state import Market

FRAME_15S = 2
_TRADES = 10


def try_switch(account: Account, market: Market, now: int) -> None:
    """After a tick that closed a 15 s candle: the first switch that holds chooses."""
    if not market.flat:
        return
    for number, switch in enumerate(market.switches, 1):
        if holds(switch, market):
            use(account, market, now, switch.playbook, number)
            return


def holds(switch: PlaybookSwitch, market: Market) -> bool:
    """All conditions that are stated."""
    if switch.regimes and market.features.regime not in switch.regimes:
        return False
    losses, wins = switch.losses_in_a_row, switch.wins_in_a_row
    if losses is not None and market.losses_in_a_row < losses:
        return False
    if wins is not None and market.wins_in_a_row < wins:
        return False
    least, most = switch.win_rate_at_least, switch.win_rate_at_most
    if least is None and most is None:
        return True
    if len(market.won) < _TRADES:
        return False
    rate = sum(market.won[-_TRADES:]) / _TRADES
    return (least is None or rate >= least) and (most is None or rate <= most)


def use(account: Account, market: Market, now: int, playbook: Playbook, number: int) -> None:
    """Trade by another playbook; nothing is said of the one in use."""
    if playbook.content_hash == market.settings.content_hash:
        return
    market.settings.adopt(playbook)
    for features in market.slots:
        features.settings.adopt(playbook)
    account.outputs.append(
        say(
            market,
            now,
            OutputKind.PLAYBOOK_CHANGED,
            code=number,
            lots=int(playbook.content_hash[:15], 16),
        )
    )


def subscribe(market: Market, playbook: Playbook, subscribed: int) -> None:
    """The switches of the playbook that was set stay, whichever of them chooses."""
    market.switches = playbook.switches
    market.subscribed = subscribed | (1 << FRAME_15S if playbook.switches else 0)
