"""What a config makes the engine serve."""

from agent.service.served import Account, Served
from config.catalog import by_hand_playbook, load_instrument, load_playbook
from config.engine_settings import EngineSettings, MarketSettings
from domain.account import settlement_rate
from domain.enums import BookSource, PriceSource
from domain.events import Reference


def account_of(settings: EngineSettings) -> Account:
    """Its account, with everything loaded. BadConfig names what cannot be."""
    return Account(
        settings=settings.settings,
        mode=settings.mode,
        served=tuple(_served(settings, each) for each in settings.markets),
        keep_days=settings.recording.keep_days,
        max_gb=settings.recording.max_gb,
    )


def _served(settings: EngineSettings, market: MarketSettings) -> Served:
    instrument = load_instrument(market.instrument)
    reference = None
    if market.reference is not None:
        reference = Reference(
            instrument=load_instrument(market.reference),
            price_source=PriceSource.TRADES,
            book_source=BookSource.QUOTES,
        )
    return Served(
        instrument=instrument,
        playbook=load_playbook(market.playbook),
        rate=settlement_rate(settings.settings.account, instrument.settle).value,
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
        reference=reference,
        by_hand=by_hand_playbook() if market.by_hand else None,
    )
