"""Config files that nothing is wrong with, to be spoilt by tests."""

from decimal import Decimal

from config.template import PRESETS, Answers, Kind, config_text


def good(kind: Kind = Kind.CRYPTO) -> str:
    """A file that nothing is wrong with."""
    preset = PRESETS[kind]
    return config_text(
        Answers(
            kind=kind,
            markets=((preset.market, preset.playbook),),
            start_equity=preset.start_equity,
            risk_per_day=Decimal(200),
        )
    )
