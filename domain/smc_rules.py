"""What the detectors go by: a checked set of parameters, scaled to a frame, as a record.

A preset is a TOML file (config/smc/) of sections `[swing]`, `[gap]` and so on; what it does not
say has the default of the table in domain/parameters.py.
"""

import difflib
import math
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Record
from domain.enums import Switch
from domain.errors import BadConfig
from domain.parameters import (
    RETRACEMENT_SHARES,
    SMC_BY_PATH,
    SMC_PARAMETERS,
    SMC_SCALES,
    SMC_SESSIONS,
    FrameScale,
    Kind,
    Parameter,
    Value,
)
from domain.rows.smc import SMC_RULES

SCHEMA: Final = 1
_HEAD: Final = ("schema", "name", "sentence")
_COUNTS: Final = ("smc.swing.length", "smc.block.window")
_SECOND_NS: Final = 1_000_000_000


class SmcPreset(msgspec.Struct, frozen=True):
    """Every parameter of the detectors by path, before any frame has scaled it."""

    name: str
    sentence: str
    values: dict[str, Value]


def default_preset() -> SmcPreset:
    """The values of the table."""
    values = {parameter.path: parameter.default for parameter in SMC_PARAMETERS}
    return SmcPreset("default", "The values of the parameter table.", values)


def preset_from(data: Mapping[str, object], source: str) -> SmcPreset:
    """Check a decoded preset file. BadConfig names `source`, the key and what would do."""
    if data.get("schema") != SCHEMA:
        raise BadConfig(f"{source}: schema must be {SCHEMA}, not {data.get('schema')!r}")
    for key in ("name", "sentence"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise BadConfig(f"{source}: {key} must be a text, not {data.get(key)!r}")
    values = dict(default_preset().values)
    sections = {parameter.section.removeprefix("smc.") for parameter in SMC_PARAMETERS}
    for section, content in data.items():
        if section in _HEAD:
            continue
        if section not in sections:
            raise _unknown(source, section, section, [*_HEAD, *sections])
        if not isinstance(content, Mapping):
            raise BadConfig(f"{source}: {section} must be a table, not {content!r}")
        for key, raw in content.items():
            path = f"smc.{section}.{key}"
            if path not in SMC_BY_PATH:
                known = [p.name for p in SMC_PARAMETERS if p.section == f"smc.{section}"]
                raise _unknown(source, f"{section}.{key}", key, known)
            values[path] = _value(source, SMC_BY_PATH[path], raw)
    return SmcPreset(str(data["name"]), str(data["sentence"]), values)


def scale_of(frame_seconds: int) -> FrameScale:
    """The row of the scales that candles of so many seconds go by. BadConfig below a second."""
    fitting = [scale for scale in SMC_SCALES if scale.seconds <= frame_seconds]
    if not fitting:
        raise BadConfig(f"candles of {frame_seconds} s: the shortest that can be used have 1 s")
    return fitting[-1]


def scaled(values: Mapping[str, Value], frame_seconds: int) -> dict[str, Value]:
    """The values as candles of so many seconds go by them."""
    scale, found = scale_of(frame_seconds), dict(values)
    for path in _COUNTS:
        bounds = SMC_BY_PATH[path].bounds
        assert bounds is not None
        wanted = math.floor(_number(values, path) * scale.candles + 0.5)
        found[path] = int(min(max(wanted, bounds.lower), bounds.upper))
    tolerance = _number(values, "smc.pool.tolerance_atr")
    found["smc.pool.tolerance_atr"] = tolerance * scale.tolerance
    found["smc.pool.touches"] = max(int(_number(values, "smc.pool.touches")), scale.touches)
    return found


def rules_of(values: Mapping[str, Value], frame_seconds: int) -> Record:
    """An SMC_RULES record of values as they stand; `scaled` comes before, where it is wanted."""
    record = np.zeros(1, SMC_RULES)
    record["frame_ns"] = frame_seconds * _SECOND_NS
    record["session_start"] = [each.start for each in SMC_SESSIONS]
    record["session_end"] = [each.end for each in SMC_SESSIONS]
    record["retracement_shares"] = RETRACEMENT_SHARES
    for parameter in SMC_PARAMETERS:
        record[parameter.field] = values[parameter.path]
    row: Record = record[0]
    return row


def _number(values: Mapping[str, Value], path: str) -> float:
    value = values[path]
    assert isinstance(value, int | float)
    return value


def _value(source: str, parameter: Parameter, raw: object) -> Value:
    key = parameter.path.removeprefix("smc.")
    if parameter.kind is Kind.CHOICE:
        words = {switch.word: int(switch) for switch in Switch}
        if not isinstance(raw, str) or raw not in words:
            raise BadConfig(f"{source}: {key} must be one of {', '.join(words)}, not {raw!r}")
        return words[raw]
    whole, bounds = parameter.kind is Kind.INTEGER, parameter.bounds
    assert bounds is not None
    fits = isinstance(raw, int if whole else int | float) and not isinstance(raw, bool)
    if not fits or not isinstance(raw, int | float) or not bounds.lower <= raw <= bounds.upper:
        wanted = "a whole number" if whole else "a number"
        span = f"from {bounds.lower:g} to {bounds.upper:g} {parameter.unit}"
        raise BadConfig(f"{source}: {key} must be {wanted} {span}, not {raw!r}")
    return int(raw) if whole else float(raw) + 0.0


def _unknown(source: str, path: str, key: str, known: list[str]) -> BadConfig:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
    return BadConfig(f"{source}: unknown key {path!r}; {hint}")
