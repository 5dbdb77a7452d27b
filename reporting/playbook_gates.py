"""What the gates of a playbook ask for, a sentence each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from domain.enums import BiasMode, Gate, GateMode, WhenMissing
from reporting.playbook_told import Told
from reporting.playbook_words import list_of


def gates(told: Told) -> list[str]:
    """Those that block or observe, with what they ask for; then those that are off."""
    said, bare, off = [], [], []
    for gate in sorted(told.playbook.gates):
        mode = told.mode(gate)
        if mode is GateMode.OFF:
            told.idle(*(path for path in told.left(_section(gate)) if not told.shared(path)))
            off.append(plain(gate))
        elif asked := _asked(told, gate):
            only = ", only observed" if mode is GateMode.OBSERVE else ""
            said.append(f"{_name(gate)}{only}: {asked}.")
        elif mode is GateMode.OBSERVE:
            said.append(f"{_name(gate)}, only observed.")
        else:
            bare.append(plain(gate))
    if bare:
        said.insert(0, f"Blocking: {', '.join(bare)}, and each of these:")
    if off:
        said.append(f"Off: {list_of(off)}.")
    return [*said, _missing(told)]


def plain(gate: Gate) -> str:
    """A gate's name as people write it."""
    return "SMC" if gate is Gate.SMC else gate.word.replace("_", " ")


def _name(gate: Gate) -> str:
    """The same at the start of a line."""
    return f"{plain(gate)[0].upper()}{plain(gate)[1:]}"


def _missing(told: Told) -> str:
    passing = [
        plain(gate)
        for gate, setting in sorted(told.playbook.gates.items())
        if setting.when_missing is WhenMissing.PASS and setting.mode is not GateMode.OFF
    ]
    if passing:
        return f"Without their input these pass, others block: {list_of(passing)}."
    return "A gate without its input blocks."


def _asked(told: Told, gate: Gate) -> str:
    """What a gate asks for; parameters that its phrase lacks follow by name."""
    phrase = _PHRASES.get(gate)
    parts = [phrase(told)] if phrase else []
    parts += [told.named(path) for path in told.left(_section(gate))]
    return ", ".join(part for part in parts if part)


def _section(gate: Gate) -> str:
    return f"gates.{gate.word}"


def _reference(told: Told) -> str:
    moves, size = told.words("gates.reference.streak"), told.words("gates.reference.min_move")
    age = told.words("gates.reference.max_age_s")
    return (
        f"{moves} of the reference in the side's direction, each at least {size}, its price at "
        f"most {age} old"
    )


def _candle(told: Told) -> str:
    frame, reference = told.words("gates.candle.frame"), told.words("gates.candle.reference")
    margin = told.words("gates.candle.margin_ticks")
    return f"the last {frame} candle closed at least {margin} beyond its {reference}"


def _momentum(told: Told) -> str:
    """The streak stands with the entry; here is what is asked for beyond it."""
    parts = []
    if told.number("gates.momentum.ranging_penalty") > 0:
        parts.append(f"{told.words('gates.momentum.ranging_penalty')} more while ranging")
    told.idle("gates.momentum.ranging_penalty")
    streak, penalty = "gates.momentum.loss_streak", "gates.momentum.loss_penalty"
    if told.number(streak) > 0 and told.number(penalty) > 0:
        losses = _losses(told)
        parts.append(f"{told.words(penalty)} more after {losses} in a row")
    told.idle(streak, penalty)
    return " and ".join(parts)


def _losses(told: Told) -> str:
    return told.words("gates.momentum.loss_streak").replace("trade", "losing trade")


def _relative_strength(told: Told) -> str:
    lead = told.words("gates.relative_strength.min_bps")
    window = told.words("gates.relative_strength.window_s")
    return f"at least {lead} ahead of the reference within {window}"


def _index_bias(told: Told) -> str:
    strong = told.number("gates.index_bias.bias") == BiasMode.STRONG
    told.idle("gates.index_bias.bias")
    wanted = "a bias with the side" if strong else "no bias against the side"
    score = told.words("gates.index_bias.min_score")
    frame, source = told.words("gates.index_bias.frame"), told.words("gates.index_bias.source")
    keys = ("rsi_bull", "rsi_bear", "adx_min")
    bull, bear, adx = (told.words(f"gates.index_bias.{k}").removesuffix(" points") for k in keys)
    buffer = told.words("gates.index_bias.vwap_buffer_bps")
    vwap = "VWAP" if buffer == "0 basis points" else f"VWAP from {buffer} away on"
    return (
        f"{wanted}, which takes {score} of five by {frame} candles of the {source} (EMA9 against "
        f"EMA21, Supertrend, RSI from {bull} on or up to {bear}, DI from ADX {adx} on, {vwap})"
    )


def _regime(told: Told) -> str:
    return told.words("gates.regime.allowed")


def _imbalance(told: Told) -> str:
    least = told.words("gates.imbalance.min")
    surplus = "as much" if least == "0" else f"{least} more"
    return f"at least {surplus} size on the side's own quote"


def _range(told: Told) -> str:
    least = told.words("gates.no_trade_zone.min_range")
    window = told.words("gates.no_trade_zone.window_s")
    return f"a range of at least {least} within {window}"


def _expected_move(told: Told) -> str:
    times = told.words("gates.expected_move.k")
    horizon = told.words("gates.expected_move.horizon_s")
    return f"the move expected within {horizon} is at least {times} the round trip's cost"


def _cool_down(told: Told) -> str:
    after_exit = told.words("gates.cool_down.after_exit_s")
    after_loss = told.words("gates.cool_down.after_loss_s")
    gap = told.words("gates.cool_down.min_gap_s")
    parts = [f"{after_exit} after an exit"]
    window, again = "gates.cool_down.re_entry_window_s", "gates.cool_down.re_entry_gap_s"
    if told.number(window) > 0:
        parts.append(
            f"{told.words(again)} after a win while that is at most {told.words(window)} ago"
        )
    parts.append(f"{after_loss} after a loss")
    longer = "gates.cool_down.after_loss_streak_s"
    if told.number("gates.momentum.loss_streak") > 0 and told.number(longer) > told.number(
        "gates.cool_down.after_loss_s"
    ):
        parts.append(f"{told.words(longer)} after {_losses(told)} in a row")
    told.idle(window, again, longer)
    return ", ".join([*parts, f"{gap} between entries"])


_PHRASES: Final[Mapping[Gate, Callable[[Told], str]]] = MappingProxyType(
    {
        Gate.DATA_AGE: lambda told: f"a quote at most {told.words('gates.data_age.max_s')} old",
        Gate.REFERENCE: _reference,
        Gate.CANDLE: _candle,
        Gate.MOMENTUM: _momentum,
        Gate.RELATIVE_STRENGTH: _relative_strength,
        Gate.INDEX_BIAS: _index_bias,
        Gate.REGIME: _regime,
        Gate.SPREAD: lambda told: f"at most {told.words('gates.spread.max')}",
        Gate.IMBALANCE: _imbalance,
        Gate.MIN_MOVE: lambda told: (
            f"the price at least {told.words('gates.min_move.min')} from the last exit"
        ),
        Gate.NO_TRADE_ZONE: _range,
        Gate.EXPECTED_MOVE: _expected_move,
        Gate.SMC: lambda told: (
            f"Smart Money bias of at least {told.words('gates.smc.min_bias')} for the side"
        ),
        Gate.WIN_PROBABILITY: lambda told: (
            f"a win at least {told.share('gates.win_probability.min')} likely by the model"
        ),
        Gate.COOL_DOWN: _cool_down,
        Gate.RATE: lambda told: f"at most {told.words('gates.rate.max_per_minute')} a minute",
    }
)
