"""Random playbooks with values that bite on `random_ticks`, and switches between them."""

from copy import deepcopy
from typing import Any, Final

import msgspec
import numpy as np

from domain.enums import Gate, Regime
from domain.parameters import GATE_DEFAULTS
from domain.playbooks import Playbook, PlaybookSwitch, playbook_from

Table = dict[str, Any]
ON: Final = {"mode": "on"}


def random_playbook(seed: int, changes: dict[str, Table] | None = None) -> Playbook:
    """Each new feature is on or off by chance; `changes` are by section and come last."""
    rng = np.random.default_rng(seed)
    written: dict[str, Any] = {
        "schema": 1,
        "name": f"random-{seed}",
        "sentence": "By chance.",
        "entry": {
            "limit_offset": "2tick",
            "style": _of(rng, "marketable", "marketable", "resting"),
            "resting_life_s": 1.0,
            "sides": _of(rng, "both", "both", "both", "long", "short"),
        },
        "exit": {**_stops(rng), **_trails(rng), **_ways_out(rng)},
        "averaging": _averaging(rng),
        "size": _size(rng),
        "regime": {"quiet_bps": 25.0, "volatile_bps": 80.0, "trend_directionality": 0.25},
        "gates": {gate.word: {"mode": "off"} for gate in GATE_DEFAULTS},
    }
    written["gates"].update(deepcopy(_gates(rng)))  # `changes` must not reach shared tables
    for section, values in (changes or {}).items():
        head, _, gate = section.partition(".")
        target = written["gates"].setdefault(gate, {}) if gate else written[head]
        target.update(values)
    return playbook_from(written, "tests")


def _of(rng: np.random.Generator, *values: Any) -> Any:  # noqa: ANN401  any value of a file
    return values[int(rng.integers(len(values)))]


def _stops(rng: np.random.Generator) -> Table:
    """Hard stop, target, their periods, and the first three movers."""
    return {
        "stop": _of(rng, "3tick", "max(4tick, 10bp)", "7tick", "max(2tick, 1.5atr:1s)"),
        "target": _of(rng, "off", "4tick", "6tick", "9tick"),
        "period_1_from": _of(rng, "off", "22:15"),
        "period_1_stop": "5tick",
        "period_1_target": "off",
        "period_2_from": _of(rng, "off", "22:20"),
        "period_2_stop": "max(3tick, 20bp)",
        "period_2_target": "5tick",
        "period_3_from": _of(rng, "off", "02:00"),
        "period_3_stop": "4tick",
        "period_3_target": "8tick",
        "break_even_trigger": _of(rng, "off", "2tick"),
        "break_even_offset": _of(rng, "0tick", "1tick"),
        "offset_trigger": _of(rng, "off", "3tick"),
        "offset_gain": _of(rng, "1tick", "2tick"),
        "lock_trigger": _of(rng, "off", "3tick", "4tick"),
        "lock_share": _of(rng, 0.3, 0.5, 0.8),
    }


def _trails(rng: np.random.Generator) -> Table:
    return {
        "trail_trigger": _of(rng, "off", "2tick", "3tick"),
        "trail_distance": _of(rng, "2tick", "3tick"),
        "tight_trigger": _of(rng, "off", "4tick", "5tick"),
        "tight_distance": "1tick",
        "fast_move": _of(rng, "off", "2tick", "3tick"),
        "fast_window_s": _of(rng, 1, 2, 5),
        "fast_distance": "1tick",
        "trail_step": _of(rng, "1tick", "2tick"),
    }


def _ways_out(rng: np.random.Generator) -> Table:
    return {
        "max_hold_s": _of(rng, 2.0, 5.0, 20.0),
        "time_guard": _of(rng, "leave", "tighten"),
        "tighten_distance": _of(rng, "1tick", "2tick"),
        "time_guard_extra_s": _of(rng, 1.0, 4.0),
        "partial_trigger": _of(rng, "off", "2tick", "3tick"),
        "partial_share": _of(rng, 0.3, 0.5, 0.75),
        "flip": _of(rng, "off", "on"),
        "flip_cool_down_s": _of(rng, 0.0, 1.0),
        "flip_streak": _of(rng, 0, 3),
        "min_hold_s": _of(rng, 0.0, 0.5),
        "stall_s": _of(rng, 2.0, 8.0),
        "session_end_s": 30.0,
        "limit_offset": "1tick",
        "resend_s": _of(rng, 0.3, 1.0),
    }


def _averaging(rng: np.random.Generator) -> Table:
    return {
        "mode": _of(rng, "off", "profit", "loss_budget"),
        "window_s": 12.0,
        "interval_s": _of(rng, 0.2, 1.0),
        "multiple": _of(rng, 0.3, 0.5),
        "max_multiple": _of(rng, 1.5, 2.5),
        "max_additions": _of(rng, 1, 3),
        "loss_budget": _of(rng, "1tick", "3tick"),
    }


def _size(rng: np.random.Generator) -> Table:
    return {
        "mode": _of(rng, "fixed", "fixed", "risk", "volatility"),
        "multiple": _of(rng, 0.7, 1.0),
        "risk_fraction": _of(rng, 0.0003, 0.0008),
        "target_volatility_bps": _of(rng, 2.0, 5.0),
        "max_multiple": 1.5,
    }


def _gates(rng: np.random.Generator) -> dict[str, Table]:
    """Those that nearly always are on, and now and then one of the others."""
    gates: dict[str, Table] = {
        "data_age": {**ON, "max_s": 2.0},
        "side": ON,
        "session": ON,
        "momentum": {
            **ON, "streak": _of(rng, 1, 2, 3), "min_move": "1tick",
            "loss_streak": _of(rng, 0, 2), "loss_penalty": 1, "ranging_penalty": _of(rng, 0, 1),
        },
        "spread": {**ON, "max": "3tick"},
        "min_move": {**ON, "min": "1tick"},
        "cool_down": {
            **ON, "after_exit_s": 0.2, "after_loss_s": 0.5, "min_gap_s": 0.5,
            "re_entry_window_s": _of(rng, 0.0, 5.0), "re_entry_gap_s": 0.1,
            "after_loss_streak_s": _of(rng, 0.0, 2.0),
        },
        "trading_state": {"mode": _of(rng, "on", "off")},
        "velocity": {"mode": _of(rng, "off", "on"), "min_bps_per_s": 0.1},
        "no_trade_zone": {"mode": _of(rng, "off", "on"), "window_s": 5, "min_range": "2tick"},
        "rate": {"mode": _of(rng, "off", "on"), "max_per_minute": 12},
    }  # fmt: skip
    rare: dict[Gate, Table] = {
        Gate.CANDLE: {"frame": "5s", "margin_ticks": 0.0, "reference": "previous_close"},
        Gate.IMBALANCE: {"min": -0.5, "when_missing": "pass"},
        Gate.EXPECTED_MOVE: {"k": _of(rng, 1.0, 4.0), "when_missing": "pass"},
        Gate.REGIME: {"when_missing": "pass"},
        Gate.REFERENCE: {"streak": 1, "min_move": "0.5bp", "when_missing": "pass"},
        Gate.RELATIVE_STRENGTH: {"window_s": 5, "min_bps": -5.0, "when_missing": "pass"},
        Gate.INDEX_BIAS: {"source": "market", "frame": "1s", "min_score": 2},
        Gate.SMC: {"min_bias": 0.1, "when_missing": "pass"},
        Gate.SCAN_PLAN: {"when_missing": "pass"},
        Gate.WIN_PROBABILITY: {"min": 0.45, "when_missing": "pass"},
    }
    for gate, values in rare.items():
        gates[gate.word] = {"mode": _of(rng, "off", "off", "off", "observe", "on"), **values}
    gates["regime"]["allowed"] = _of(rng, "not_quiet", "ranging_or_volatile")
    return gates


def with_switches(seed: int, changes: dict[str, Table] | None = None) -> Playbook:
    """A playbook and four others that take its place by what they state."""
    others = [random_playbook(seed + 1 + i, changes) for i in range(4)]
    switches = (
        PlaybookSwitch(playbook=others[0], losses_in_a_row=3),
        PlaybookSwitch(playbook=others[1], wins_in_a_row=2, regimes=(Regime.TRENDING,)),
        PlaybookSwitch(playbook=others[2], win_rate_at_most=0.3),
        PlaybookSwitch(playbook=others[3], regimes=(Regime.RANGING, Regime.VOLATILE)),
    )
    return msgspec.structs.replace(random_playbook(seed, changes), switches=switches)
