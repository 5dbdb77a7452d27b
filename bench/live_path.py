"""Row 2: raw message -> tick -> decision, one message at a time, in process.

The decoding here is the bench's own, for the two messages that matter: the feeds of a later version
bring theirs. What is measured is text in, decision made.
"""

import gzip
import time
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np

from agent.core.auto_scalper import AutoScalper
from agent.replay.paper_core import PaperCore
from agent.replay.warm_up import warm_up
from config.catalog import load_instrument, load_playbook
from config.settings import load_settings
from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TickKind
from domain.events import MarketSet
from domain.rows.tick import TICK
from domain.units import TsNs

_PLAYBOOK = Path(__file__).resolve().parent / "playbooks" / "dense.toml"


class _Trade(msgspec.Struct, tag_field="e", tag="trade"):
    T: int
    t: int
    p: float
    q: float
    m: bool  # the buyer is the maker, so the seller was the aggressor


class _BookTicker(msgspec.Struct, tag_field="e", tag="bookTicker"):
    T: int
    b: float
    B: float
    a: float
    A: float


class _Envelope(msgspec.Struct):
    data: _Trade | _BookTicker


_decode = msgspec.json.Decoder(_Envelope, strict=False).decode


def measure_live_path(path: Path) -> None:
    """Print percentiles over the recorded trade and bookTicker messages."""
    messages = [line for line in _lines(path) if b'@trade"' in line[1] or b"@bookT" in line[1]]
    core, tick = _core(messages[0][0]), np.zeros(1, TICK)
    spent_ns = np.zeros(len(messages), np.int64)
    clock = time.perf_counter_ns
    for number, (recv_ns, text) in enumerate(messages):
        started = clock()
        _write(tick, recv_ns, _decode(text).data)
        core.fold(tick)
        spent_ns[number] = clock() - started
    p50, p99, p999 = np.percentile(spent_ns, (50, 99, 99.9)) / 1e3
    print("\n| messages | p50 us | p99 us | p99.9 us |\n|---|---|---|---|")
    print(f"| {len(messages):,} | {p50:.1f} | {p99:.1f} | {p999:.1f} |")


def _lines(path: Path) -> list[tuple[int, bytes]]:
    with gzip.open(path, "rb") as file:
        split = (line.rstrip(b"\n").partition(b" ") for line in file)
        return [(int(stamp), text) for stamp, _, text in split]


def _write(tick: Rows, recv_ns: int, message: _Trade | _BookTicker) -> None:
    row = tick[0]
    row["event_ns"] = recv_ns
    row["ts_ns"] = message.T * 1_000_000
    if isinstance(message, _Trade):
        row["kind"] = TickKind.TRADE
        row["price"], row["size"], row["side"] = message.p, message.q, -1 if message.m else 1
    else:
        row["kind"] = TickKind.QUOTE
        row["bid"], row["ask"] = message.b, message.a
        row["bid_size"], row["ask_size"] = message.B, message.A


def _core(start_ns: int) -> AutoScalper:
    settings = load_settings()
    warm_up(settings)
    instrument = load_instrument("BTCUSDT-usdm")
    paper = PaperCore(settings, [instrument.name])
    paper.core.apply(
        MarketSet(
            event_ns=TsNs(start_ns),
            market=0,
            instrument=instrument,
            playbook=load_playbook(str(_PLAYBOOK)),
            price_source=PriceSource.TRADES,
            book_source=BookSource.QUOTES,
            rate=Decimal(1),
        )
    )
    return paper.core
