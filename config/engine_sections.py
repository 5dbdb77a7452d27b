"""The sections that only the service reads: `[engine]`, `[[markets]]` and `[recording]`."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from config.sections import checked_number

_MOST_DAYS: Final = 3650
_MOST_GB: Final = 100_000

# The words of domain.enums.Mode; a test holds the two together.
ModeWord = Literal["signals", "paper", "sandbox", "live", "simulated"]


def _absolute(raw: object) -> str:
    if not isinstance(raw, str) or not raw or not Path(raw).expanduser().is_absolute():
        raise ValueError("must be an absolute path; write it from / or ~ on")
    return raw


def _days(raw: object) -> float:
    return checked_number(raw, _MOST_DAYS, "days")


def _gigabytes(raw: object) -> float:
    return checked_number(raw, _MOST_GB, "gigabytes")


def _bounds(most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": most})


class EngineSection(BaseModel):
    """Section `[engine]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Annotated[
        ModeWord,
        Field(
            description="What becomes of an order: signals only says it, paper fills it here, "
            "simulated has a made-up market too, sandbox and live send it to a venue."
        ),
    ] = "paper"
    account: Annotated[
        str,
        Field(
            pattern="^[a-z0-9][a-z0-9_-]{0,31}$",
            description="Label of the account; ledgers belong to it and refuse another.",
        ),
    ] = "main"
    state_folder: Annotated[
        str | None,
        BeforeValidator(_absolute),
        Field(description="Where ledgers and recordings go; the user's state folder without it."),
    ] = None


class MarketSection(BaseModel):
    """One of `[[markets]]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instrument: Annotated[
        str, Field(min_length=1, description="Name, or path of an instrument file.")
    ]
    playbook: Annotated[str, Field(min_length=1, description="Name, or path of a playbook file.")]
    reference: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Name or path of a leading instrument that the gates compare it with.",
        ),
    ] = None
    by_hand: Annotated[
        bool, Field(strict=True, description="Whether a person may order in it too.")
    ] = False


class VenueSection(BaseModel):
    """One of `[venues.NAME]`: where a venue is spoken to instead of at its own hosts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rest_url: Annotated[
        str | None,
        Field(min_length=1, description="Scheme, host and port for requests; paths stay."),
    ] = None
    ws_url: Annotated[
        str | None,
        Field(min_length=1, description="Scheme, host and port for live data; paths stay."),
    ] = None
    allow: Annotated[
        tuple[str, ...],
        Field(description="Hosts that these may name, besides the venue's own and this machine."),
    ] = ()


class RecordingSection(BaseModel):
    """Section `[recording]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep_days: Annotated[
        float,
        BeforeValidator(_days),
        _bounds(_MOST_DAYS),
        Field(description="Days after which a recording is deleted."),
    ] = 30.0
    max_gb: Annotated[
        float,
        BeforeValidator(_gigabytes),
        _bounds(_MOST_GB),
        Field(description="10^9 bytes of all recordings; beyond it the oldest are deleted."),
    ] = 20.0
