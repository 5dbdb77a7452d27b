"""Events to bytes and back, exactly: decimals, NaN, enums, playbooks with their switches.

Every subclass of `Event` is known by its class name, so that a new one needs nothing here; a class
that was recorded keeps its name.
"""

from typing import Final, Union, cast

import msgspec
import numpy as np

from domain.errors import BadInput
from domain.events import Event


def event_classes() -> tuple[type[Event], ...]:
    """Every kind of event that there is, also of further derived ones."""
    found: list[type[Event]] = []
    waiting = list(Event.__subclasses__())
    while waiting:
        kind = waiting.pop(0)
        found.append(kind)
        waiting += kind.__subclasses__()
    return tuple(found)


def _plain(value: object) -> object:
    """A numpy scalar as Python's; nothing else may stand in an event."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} {value!r} has no form on disk")


_encode: Final = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_decode: Final = msgspec.msgpack.Decoder(
    cast("type[Event]", Union[event_classes()])  # noqa: UP007  of a tuple made at run time
).decode


def encode_event(event: Event) -> bytes:
    """The bytes of one event. TypeError where it holds what no event may."""
    return _encode(event)


def decode_event(data: bytes) -> Event:
    """The event that was encoded. BadInput where this version knows none such."""
    try:
        return _decode(data)
    except msgspec.MsgspecError as error:
        raise BadInput(
            f"an event is not one that this version knows ({error}); read the recording with the "
            "version that wrote it"
        ) from error
