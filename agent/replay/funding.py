"""Which funding a replay's markets pay: of files given with it, or as instruments assume."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from agent.replay.loading import Loaded, Market
from config.catalog import instrument_for_funding
from domain.errors import BadInput
from domain.instruments import FundingTerms
from market.history.funding import FundingRates, assumed_stamps, joined, read_funding, unpaid
from market.history.merge import stretches

_PERCENT = 100


def with_funding(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """The same markets with the stamps of these files, and what there is to say about them.

    A file belongs to the market whose instrument claims its name (`funding_files`); one that no
    instrument claims, to the only market there is. BadInput names a file that cannot be used.
    """
    files = _by_market(loaded.markets, paths)
    markets, said = list(loaded.markets), dict.fromkeys(loaded.assumed)
    for number, market in enumerate(loaded.markets):
        if number in files:
            stamps = joined(files[number])
            markets[number] = msgspec.structs.replace(market, funding=stamps)
    spans = stretches(loaded.sources)
    for number, market in enumerate(markets):
        said.update(dict.fromkeys(_said_of_files(market, files.get(number, []))))
        own = [(start, end) for at, start, end in spans if at == number]
        said.update(dict.fromkeys(_said_of_spans(market, own)))
    return msgspec.structs.replace(loaded, markets=tuple(markets), assumed=tuple(said))


def _by_market(markets: Sequence[Market], paths: Sequence[Path]) -> dict[int, list[FundingRates]]:
    found: dict[int, list[FundingRates]] = {}
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise BadInput(f"{path} is given twice with --funding")
        seen.add(path.resolve())
        found.setdefault(_market_of(markets, path), []).append(read_funding(path))
    return found


def _market_of(markets: Sequence[Market], path: Path) -> int:
    names = [market.instrument.name for market in markets]
    claims = [n for n, market in enumerate(markets) if _claims(market, path)]
    claimed = instrument_for_funding(path)
    if not claims and claimed is not None:
        raise BadInput(
            f"{path} holds the funding of {claimed.name}, which is not replayed; an instrument's "
            "funding_files say which names are its own"
        )
    if not claims and len(names) > 1:
        raise BadInput(
            f"{path}: of which market is this the funding? Known: {', '.join(names)}; an "
            "instrument's funding_files say which names are its own"
        )
    number = claims[0] if claims else 0
    if not markets[number].instrument.perpetual:
        raise BadInput(f"{path}: {names[number]} is no perpetual and pays no funding")
    return number


def _claims(market: Market, path: Path) -> bool:
    return any(fnmatchcase(path.name, pattern) for pattern in market.instrument.funding_files)


def _said_of_files(market: Market, files: Sequence[FundingRates]) -> list[str]:
    name, said = market.instrument.name, []
    for file in files:
        if not _claims(market, file.path):
            said.append(f"{name}: {file.path.name}, which no instrument claims, is its funding")
        if file.bad:
            kinds = ", ".join(f"{count} {kind.word}" for kind, count in file.bad.items())
            lost = f"{sum(file.bad.values())} of {file.rows} funding rates were dropped"
            said.append(f"WARNING {file.path}: {lost} ({kinds})")
    return said


def _said_of_spans(market: Market, spans: Sequence[tuple[int, int]]) -> list[str]:
    """What is assumed about the stamps that lie in the data, if any does."""
    name, terms = market.instrument.name, market.instrument.funding
    if terms is None:
        return []
    if market.funding is None:
        due = any(True for span in spans for _ in assumed_stamps(terms, *span))
        return [f"{name}: no funding rates were given: {_words(terms)}"] if due else []
    missing = sum(unpaid(terms, market.funding, *span) for span in spans)
    if not missing:
        return []
    times = "once" if missing == 1 else f"{missing} times"
    return [f"WARNING {name}: funding is due {times} where no given rate says it: counted as 0"]


def _words(terms: FundingTerms) -> str:
    rate = f"{(terms.assumed_rate * _PERCENT).normalize():f}"
    return (
        f"longs pay shorts {rate} % of the notional every {terms.interval_hours} hours "
        f"from {terms.stamp} UTC"
    )
