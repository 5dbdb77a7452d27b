"""Every kind of event comes back from its bytes exactly as it was."""

import math
import types
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Union, cast, get_args, get_origin

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import domain.events
from db.recording.events import decode_event, encode_event, event_classes
from domain.errors import BadInput
from domain.events import ContextSet, Event, ParameterSet
from domain.limits import Limits
from domain.playbooks import Playbook
from domain.units import TsNs
from random_playbooks import random_playbook, with_switches
from recording_samples import exact

NUMBERS = st.integers(-(2**63), 2**63 - 1)
PLAYBOOKS = st.builds(
    lambda seed, switching: with_switches(seed) if switching else random_playbook(seed),
    st.integers(0, 40),
    st.booleans(),
)
SIMPLE: dict[object, st.SearchStrategy[Any]] = {
    int: NUMBERS,
    float: st.floats(allow_nan=True),
    str: st.text(max_size=8),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False) | st.decimals(places=8, min_value=-1, max_value=1),
    date: st.dates(),
    type(None): st.none(),
    Playbook: PLAYBOOKS,
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  any annotation of a field
    """Values of a field's type, whatever events come to hold."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return st.one_of([values_of(each) for each in inner])
    if origin is tuple:
        if inner[-1] is not Ellipsis:
            return st.tuples(*(values_of(each) for each in inner))
        return st.lists(values_of(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(values_of(inner[0]), values_of(inner[1]), max_size=2)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = {field.name: field.type for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **{name: values_of(each) for name, each in hints.items()})


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])  # events are large
@pytest.mark.parametrize("kind", [*event_classes()])
@given(st.data())
def test_an_event_comes_back_with_every_bit(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(values_of(kind))
    assert exact(decode_event(encode_event(event))) == exact(event)


@given(values_of(Limits))
def test_limits_would_come_back_with_every_bit(limits: Limits) -> None:
    decoded = msgspec.msgpack.decode(msgspec.msgpack.encode(limits), type=Limits)
    assert exact(decoded) == exact(limits)


@given(PLAYBOOKS)
def test_a_recorded_playbook_keeps_its_content_hash(playbook: Playbook) -> None:
    decoded = decode_event(encode_event(_parameters(playbook)))
    assert isinstance(decoded, ParameterSet)
    assert decoded.playbook == playbook
    assert decoded.playbook.content_hash == playbook.content_hash


def _parameters(playbook: Playbook) -> ParameterSet:
    return ParameterSet(event_ns=TsNs(1), market="COIN", playbook=playbook)


def test_every_class_of_event_has_a_form_on_disk() -> None:
    kinds = [kind for kind in vars(domain.events).values() if _is_event(kind)]
    assert {*event_classes()} == {*kinds}
    assert len({kind.__name__ for kind in kinds}) == len(kinds)


def _is_event(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Event) and kind is not Event


def test_numbers_of_numpy_are_recorded_as_python_s() -> None:
    context = ContextSet(
        event_ns=cast("TsNs", np.int64(5)),
        market="COIN",
        valid_until_ns=TsNs(6),
        smc_bias=np.float64(math.nan),
    )
    decoded = decode_event(encode_event(context))
    assert isinstance(decoded, ContextSet)
    assert (type(decoded.event_ns), type(decoded.smc_bias)) == (int, float)


def test_an_event_that_this_version_does_not_know_is_refused() -> None:
    unknown = msgspec.msgpack.encode({"type": "Prophecy", "event_ns": 5})
    with pytest.raises(BadInput, match="read the recording with the version that wrote it"):
        decode_event(unknown)


def test_something_else_in_an_event_is_refused() -> None:
    with pytest.raises(TypeError, match="has no form on disk"):
        encode_event(ContextSet(event_ns=TsNs(1), market=object(), valid_until_ns=TsNs(1)))  # type: ignore[arg-type]  # what must not happen
