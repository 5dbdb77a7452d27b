"""A commented config for whoever starts: `config/templates/autoscalper.toml`, filled in.

Limits follow from what the account starts with and what a day may lose, so that two answers do.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from string import Template
from types import MappingProxyType
from typing import Final

import msgspec

from domain.enums import Mode, Word
from domain.units import EXACT

_COMMENT_AT: Final = 34  # column of the comments, as in the other files
_COMMENTED: Final = re.compile(r"^(?:\$\{)?(\w+)(?:\}| = [^#\n]*)# (.+)$", re.MULTILINE)
_FRACTION_LOST: Final = Decimal("0.02")  # of the start, in a day, where nobody says


class Kind(Word):
    """What a new config is for."""

    SIMULATED = 1
    CRYPTO = 2
    OPENALGO = 3


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of config begins with."""

    about: str
    mode: Mode
    market: str
    playbook: str
    currency: str
    zone: str
    start_equity: Decimal


PRESETS: Final[Mapping[Kind, Preset]] = MappingProxyType(
    {
        Kind.SIMULATED: Preset(
            about="A made-up market, no keys, no network: to see how everything behaves.",
            mode=Mode.SIMULATED,
            market="SIM-COIN",
            playbook="probe",
            currency="USD",
            zone="UTC",
            start_equity=Decimal(10_000),
        ),
        Kind.CRYPTO: Preset(
            about="Crypto on paper: real prices of the exchange, orders filled here; no keys.",
            mode=Mode.PAPER,
            market="BTCUSDT-usdm",
            playbook="perpetual-majors",
            currency="USD",
            zone="UTC",
            start_equity=Decimal(10_000),
        ),
        Kind.OPENALGO: Preset(
            about="Indian shares through OpenAlgo on paper: real prices, orders filled here.",
            mode=Mode.PAPER,
            market="RELIANCE-nse",
            playbook="baseline",
            currency="INR",
            zone="Asia/Kolkata",
            start_equity=Decimal(500_000),
        ),
    }
)


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What a new config says; money in the currency of the kind.

    markets  instrument and playbook of each.
    """

    kind: Kind
    markets: tuple[tuple[str, str], ...]
    start_equity: Decimal
    risk_per_day: Decimal


def usual_risk(start_equity: Decimal) -> Decimal:
    """What a day may lose where nobody says: 2 % of the start."""
    return EXACT.multiply(start_equity, _FRACTION_LOST)


def config_text(answers: Answers) -> str:
    """The file. Names of markets must be such that TOML takes them in quotes."""
    preset, equity, risk = PRESETS[answers.kind], answers.start_equity, answers.risk_per_day
    half = equity / 2
    coins = "# One USDT or USDC counts as one USD.\n" if preset.currency == "USD" else ""
    stated = {
        "mode": f'mode = "{preset.mode.word}"',
        "currency_line": f'currency = "{preset.currency}"',
        "start_equity": f'start_equity = "{_plain(equity)}"',
        "zone": f'zone = "{preset.zone}"',
    }
    limits = {
        "max_daily_loss": risk,
        "max_trade_loss": risk * Decimal("0.15"),
        "max_heat": risk * Decimal("0.45"),
        "max_drawdown": risk * 5,
        "max_order_notional": half,
        "max_position_notional": half,
        "max_group_notional": half,
        "max_gross_notional": equity,
    }
    stated |= {name: f"{name} = {_plain(value)}" for name, value in limits.items()}
    return Template(_template()).substitute(
        {name: line.ljust(_COMMENT_AT - 1) + " " for name, line in stated.items()},
        about=preset.about,
        markets="\n".join(_market(*each) for each in answers.markets),
        currency=preset.currency,
        dollar_coins=coins,
    )


def comments() -> dict[str, str]:
    """What the template says beside each key, for whoever describes them elsewhere."""
    return dict(_COMMENTED.findall(_template()))


def _template() -> str:
    file = resources.files("config").joinpath("templates", "autoscalper.toml")
    return file.read_text(encoding="utf-8")


def _market(instrument: str, playbook: str) -> str:
    return f'[[markets]]\ninstrument = "{instrument}"\nplaybook = "{playbook}"\n'


def _plain(value: Decimal) -> str:
    """Without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
