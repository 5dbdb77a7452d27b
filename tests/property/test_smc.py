"""What the Smart Money detectors have said they never take back, and what they say has two sides.

Each is looked at on recorded candles of several frames, with the rules that find most, and on
random ones.
"""

from typing import Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hindsight
from domain.arrays import Record, Rows
from domain.rows.smc import EVENT
from domain.smc import SmcEvent, SmcKind
from domain.smc_rules import default_preset, rules_of, scaled
from recorded import recorded
from smc_cases import FRAMES, MIRROR, REFERENCE, mirrored, random_bars, recorded_bars, rules
from strategies.smc.detect import Detectors, detect

CUTS: Final = 50
SWAPPED: Final = {
    SmcEvent.PREMIUM: SmcEvent.DISCOUNT,
    SmcEvent.DISCOUNT: SmcEvent.PREMIUM,
}
SIGNED: Final = (SmcEvent.PREMIUM, SmcEvent.DISCOUNT, SmcEvent.EQUILIBRIUM)


def known_before(rows: Rows, cut: int) -> bytes:
    """The rows known with the first `cut` candles, to the last bit."""
    return rows[rows["known_bar"] < cut].tobytes()


def image_of(rows: Rows) -> Rows:
    """What the same rows would say of mirrored prices."""
    image = rows.copy()
    image["side"] = -rows["side"]
    image["low"], image["high"] = MIRROR - rows["high"], MIRROR - rows["low"]
    for event, other in SWAPPED.items():
        image["event"][rows["event"] == event] = other
    signed = np.isin(rows["event"], SIGNED)
    image["detail"][signed] = -rows["detail"][signed] + 0.0
    return image


def sorted_by_content(rows: Rows) -> Rows:
    """In an order that does not depend on which side was looked at first; serials renumbered."""
    ordered = rows.copy()
    keys = [name for name in EVENT.names or () if name not in {"serial", "detail", "strength"}]
    first = ordered[ordered["event"] == SmcEvent.FORMED]
    first = first[np.lexsort([first[name] for name in keys])]
    number = {int(serial): place for place, serial in enumerate(first["serial"])}
    ordered["serial"] = [number[int(serial)] for serial in ordered["serial"]]
    return ordered[np.lexsort([ordered[name] for name in (*keys, "serial")])]


@pytest.mark.data
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("found", [rules(), rules_of(default_preset().values, 900)])
def test_what_was_known_at_a_cut_is_the_same_with_all_that_follows(
    frame: str, found: Record
) -> None:
    bars = recorded_bars(frame)
    whole = detect(bars, found)
    cuts = np.random.default_rng(1).integers(0, len(bars), CUTS)
    assert len(whole) > 0
    for cut in cuts.tolist():
        assert detect(bars[:cut], found).tobytes() == known_before(whole, cut)


@pytest.mark.data
@pytest.mark.parametrize("frame", FRAMES)
def test_every_kind_is_found_so_that_cuts_mean_something(frame: str) -> None:
    rows = detect(recorded_bars(frame), rules(FRAMES[frame]))
    missing = {SmcKind.SESSION} if FRAMES[frame] > 3_600 else set()
    assert set(np.unique(rows["kind"]).tolist()) == set(SmcKind) - missing


@pytest.mark.data
@pytest.mark.parametrize("label", ["swings", "structure", "gaps", "blocks"])
def test_labels_with_hindsight_fail_the_same_test(label: str) -> None:
    candles = pl.read_parquet(recorded(REFERENCE)).head(2_000)
    cuts = np.random.default_rng(1).integers(100, 2_000, CUTS).tolist()
    whole = labelled(candles, label)
    assert any(not labelled(candles.head(c), label).equals(whole.head(c)) for c in cuts)


def labelled(candles: pl.DataFrame, label: str) -> pl.DataFrame:
    """What the library's function says of candles."""
    if label == "gaps":
        return hindsight.fvg(candles)
    swings = hindsight.swing_highs_lows(candles, swing_length=5)
    if label == "swings":
        return swings
    function = hindsight.bos_choch if label == "structure" else hindsight.ob
    return function(candles, swings)


@given(seed=st.integers(0, 1_000_000), cut=st.integers(0, 400))
def test_nothing_known_is_taken_back_on_random_candles(seed: int, cut: int) -> None:
    bars = random_bars(seed)
    assert detect(bars[:cut], rules()).tobytes() == known_before(detect(bars, rules()), cut)


@given(seed=st.integers(0, 1_000_000))
def test_candles_one_by_one_say_what_all_at_once_say(seed: int) -> None:
    bars, streaming = random_bars(seed), Detectors(rules())
    said = [streaming.fold(bars[k : k + 1]) for k in range(len(bars))]
    assert np.concatenate(said).tobytes() == detect(bars, rules()).tobytes()


@pytest.mark.data
@pytest.mark.parametrize("frame", FRAMES)
def test_recorded_candles_in_pieces_say_what_all_at_once_say(frame: str) -> None:
    bars, found = recorded_bars(frame), rules(FRAMES[frame])
    streaming = Detectors(found)
    pieces = np.split(bars, np.sort(np.random.default_rng(2).integers(0, len(bars), 200)))
    said = np.concatenate([streaming.fold(piece) for piece in pieces])
    assert said.tobytes() == detect(bars, found).tobytes()


@given(seed=st.integers(0, 1_000_000))
def test_mirrored_prices_give_mirrored_rows(seed: int) -> None:
    bars = random_bars(seed)
    assert_mirrored(detect(bars, rules()), detect(mirrored(bars), rules()))


@pytest.mark.data
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("preset", ["least", "default"])
def test_recorded_prices_mirrored_give_mirrored_rows(frame: str, preset: str) -> None:
    bars, seconds = recorded_bars(frame), FRAMES[frame]
    values = scaled(default_preset().values, seconds)
    found = rules(seconds) if preset == "least" else rules_of(values, seconds)
    assert_mirrored(detect(bars, found), detect(mirrored(bars), found))


def assert_mirrored(one: Rows, other: Rows) -> None:
    """Each says of the opposite side what the other says, of the same objects."""
    meant, found = sorted_by_content(image_of(one)), sorted_by_content(other)
    assert len(meant) == len(found)
    for name in EVENT.names or ():
        np.testing.assert_array_equal(meant[name], found[name], err_msg=name)
