"""Both readings agree on what the reference, the regime and the context of others decide."""

from typing import Any

import numpy as np
import pytest

from core_cases import another, playbook
from domain.arrays import Rows
from domain.enums import BookSource, Gate, PriceSource, TickKind
from domain.events import Reference
from random_ticks import loose_playbook_values, random_ticks
from side_by_side import Both, Market
from trading_cases import COIN

VALUES = loose_playbook_values()
ON: dict[str, Any] = {"mode": "on"}
REFERENCE = Reference(
    instrument=another("INDEX", tick=COIN.tick / 2),
    price_source=PriceSource.TRADES,
    book_source=BookSource.QUOTES,
)
NEW: dict[str, dict[str, dict[str, Any]]] = {
    "reference": {
        "gates.reference": {**ON, "streak": 1, "min_move": "0.5bp", "max_age_s": 2.0},
        "gates.relative_strength": {"mode": "observe", "window_s": 5, "min_bps": -5.0},
    },
    "strength": {"gates.relative_strength": {**ON, "window_s": 8, "min_bps": -2.0}},
    "bias": {
        "gates.index_bias": {
            **ON, "source": "reference", "frame": "1s", "min_score": 1, "adx_min": 10.0,
            "rsi_bull": 52.0, "rsi_bear": 48.0, "vwap_buffer_bps": 1.0,
        }
    },
    "strong bias of the market": {
        "gates.index_bias": {**ON, "source": "market", "frame": "5s", "bias": "strong"}
    },
    "regime": {
        "gates.regime": {**ON, "allowed": "not_quiet"},
        "regime": {"quiet_bps": 5.0, "volatile_bps": 60.0, "trend_directionality": 0.2},
    },
    "regime without a trend": {
        "gates.regime": {**ON, "allowed": "ranging_or_volatile"},
        "regime": {"quiet_bps": 5.0, "volatile_bps": 60.0, "trend_directionality": 0.2},
    },
    "trending": {
        "gates.regime": {"mode": "observe", "allowed": "trending"},
        "regime": {"quiet_bps": 1.0, "volatile_bps": 90.0, "confirm": 5},
        "gates.momentum": {**ON, "streak": 1, "min_move": "1tick", "ranging_penalty": 2,
                           "loss_streak": 2, "loss_penalty": 1},
        "gates.cool_down": {**ON, "after_exit_s": 2.0, "re_entry_window_s": 10.0,
                            "re_entry_gap_s": 0.1, "after_loss_streak_s": 4.0},
    },
    "context": {
        "gates.smc": {**ON, "min_bias": 0.1, "when_missing": "pass"},
        "gates.scan_plan": {"mode": "observe"},
        "gates.win_probability": {**ON, "min": 0.4, "when_missing": "pass"},
    },
}  # fmt: skip


def with_reference(seed: int, count: int = 10_000) -> Rows:
    own, other = random_ticks(seed, count), random_ticks(seed + 1, count // 2)
    other["slot"] = 2
    return np.sort(np.concatenate([own, other]), order=["event_ns", "slot", "seq"])


@pytest.mark.parametrize("seed", [500, 600])
@pytest.mark.parametrize("name", NEW)
def test_both_say_the_same_where_a_new_gate_decides(name: str, seed: int) -> None:
    ticks = with_reference(seed)
    market = Market(COIN, playbook({**VALUES, **NEW[name]}), reference=REFERENCE)
    both = Both([market]).fold(ticks[:4_000])
    now, last = int(ticks["event_ns"][4_000]), int(ticks["event_ns"][-1])
    both.context(0, now, now + 60_000_000_000, [0.3, -1.0, 0.6, 0.3])
    both.fold(ticks[4_000:]).end(last).assert_equal()
    assert len(both.case.journal.trades) > 5


def test_gates_of_a_reference_are_off_without_one() -> None:
    ticks = random_ticks(700, 8_000)
    both = Both([Market(COIN, playbook({**VALUES, **NEW["reference"], **NEW["bias"]}))])
    both.fold(ticks).end(int(ticks["event_ns"][-1])).assert_equal()
    tally = both.case.row["tally"]
    assert not tally["rejections"][[Gate.REFERENCE, Gate.INDEX_BIAS]].any()
    assert tally["entries"] > 0


def test_a_reference_of_quotes_only_is_read_by_its_mid() -> None:
    ticks = with_reference(800)
    ticks = ticks[(ticks["slot"] == 0) | (ticks["kind"] == TickKind.QUOTE)]
    reference = Reference(
        instrument=COIN, price_source=PriceSource.MID, book_source=BookSource.QUOTES
    )
    market = Market(COIN, playbook({**VALUES, **NEW["reference"]}), reference=reference)
    Both([market]).fold(ticks).end(int(ticks["event_ns"][-1])).assert_equal()
