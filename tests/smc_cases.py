"""Candles for the Smart Money detectors: drawn by hand, random, recorded; and their mirror."""

from decimal import Decimal
from typing import Final

import numpy as np
import polars as pl

from domain.arrays import Record, Rows
from domain.parameters import SMC_PARAMETERS
from domain.rows.smc import BAR
from domain.smc import SmcEvent, SmcKind
from domain.smc_rules import default_preset, rules_of
from domain.units import SECOND_NS
from market.sessions import zone_offsets
from recorded import recorded
from strategies.smc.checks import Candles, Series, check_candles

Candle = tuple[int, int, int, int]  # open, high, low, close
Told = tuple[str, int, int, int, int, int]  # event, side, formed bar, known bar, low, high

REFERENCE: Final = "reference/smc/EURUSD_15M.parquet"
FRAMES: Final = {"1m": 60, "15m": 900, "1h": 3_600, "4h": 14_400}
MIRROR: Final = 1_000_000  # half-ticks
NOTHING: Final = {"sweep_level_age": 1, "sweep_range_bars": 2, "sweep_outer_share": 1.0}


def bars(*candles: Candle, seconds: int = 900, start_ns: int = 0, offset_ns: int = 0) -> Rows:
    """BAR[n] of candles in a row."""
    found = np.zeros(len(candles), BAR)
    found["start_ns"] = start_ns + np.arange(len(candles)) * seconds * SECOND_NS
    found["known_ns"] = found["start_ns"] + seconds * SECOND_NS
    found["offset_ns"] = offset_ns
    for k, name in enumerate(("open", "high", "low", "close")):
        found[name] = [candle[k] for candle in candles]
    return found


def quiet(count: int = 15, price: int = 1_000) -> list[Candle]:
    """Candles of a range of 20 around a price, which go nowhere: ATR14 is 20 after 15 of them."""
    return [(price, price + 10, price - 10, price)] * count


def rules(seconds: int = 900, /, **values: float) -> Record:
    """Rules by field; what is not said is the least that there is, swings of 2 candles."""
    stated = dict(default_preset().values)
    for parameter in SMC_PARAMETERS:
        if parameter.unit == "ATR" and parameter.field in values:
            stated[parameter.path] = values[parameter.field]
        elif parameter.unit == "ATR":
            stated[parameter.path] = 0.0
        elif parameter.field in {"swing_length", *NOTHING}:
            stated[parameter.path] = values.get(parameter.field, NOTHING.get(parameter.field, 2))
        else:
            stated[parameter.path] = values.get(parameter.field, parameter.default)
    return rules_of(stated, seconds)


def told(rows: Rows, *kinds: SmcKind) -> list[Told]:
    """What rows of these kinds say, in order."""
    return [
        (
            SmcEvent(int(row["event"])).word, int(row["side"]), int(row["formed_bar"]),
            int(row["known_bar"]), int(row["low"]), int(row["high"]),
        )
        for row in rows
        if row["kind"] in kinds
    ]  # fmt: skip


def random_bars(seed: int, count: int = 400, seconds: int = 900) -> Rows:
    """A lively walk with trends, calm, jumps, flat candles and equal highs."""
    rng = np.random.default_rng(seed)
    drift = np.repeat(rng.choice([-3, 0, 0, 3], count // 20 + 1), 20)[:count]
    size = np.repeat(rng.choice([2, 12], count // 40 + 1), 40)[:count]
    close = 20_000 + np.cumsum(drift + rng.integers(-size, size + 1) * rng.integers(0, 3, count))
    opened = np.concatenate([[20_000], close[:-1]]) + rng.integers(-2, 3, count)
    high = np.maximum(opened, close) + rng.integers(0, size) * rng.integers(0, 2, count)
    low = np.minimum(opened, close) - rng.integers(0, size) * rng.integers(0, 2, count)
    found = bars(*zip(opened, high, low, close, strict=True), seconds=seconds)
    found["start_ns"] += np.cumsum(rng.random(count) < 0.01) * 3_600 * SECOND_NS
    found["known_ns"] = found["start_ns"] + seconds * SECOND_NS
    return found


def mirrored(found: Rows) -> Rows:
    """The same candles with every price taken from `MIRROR`."""
    image = found.copy()
    for name, other in (("open", "open"), ("close", "close"), ("high", "low"), ("low", "high")):
        image[name] = MIRROR - found[other]
    return image


def recorded_bars(frame: str) -> Rows:
    """EURUSD: the reference's quarters of an hour and what they add up to, or minutes of 2017."""
    seconds = FRAMES[frame]
    if frame == "1m":
        candles = pl.read_parquet(recorded("candles/fx/EURUSD-1m-2017.parquet")).head(20_000)
    else:
        candles = longer(pl.read_parquet(recorded(REFERENCE)), seconds)
    starts = candles["ts_ms"].to_numpy() * 1_000_000
    offsets = zone_offsets("America/New_York", int(starts[0]), int(starts[-1]))
    prices = {name: candles[name].to_numpy() for name in ("open", "high", "low", "close")}
    series = Series(tick=Decimal("0.00001"), seconds=seconds, offsets=tuple(offsets))
    return check_candles(Candles(start_ns=starts, **prices), series).bars


def longer(candles: pl.DataFrame, seconds: int) -> pl.DataFrame:
    """Candles of so many seconds, which those given add up to."""
    bucket = (pl.col("ts_ms") // (seconds * 1_000) * (seconds * 1_000)).alias("ts_ms")
    return candles.group_by(bucket, maintain_order=True).agg(
        pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last()
    )
