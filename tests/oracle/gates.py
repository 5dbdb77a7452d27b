"""Entry gates: section 3 up to G29."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from domain.enums import (
    AllowedRegimes,
    AllowedSides,
    BiasMode,
    BiasSource,
    CandleReference,
    EntryStyle,
    ExitReason,
    Gate,
    GateMode,
    Regime,
    TradingState,
    WhenMissing,
)
from oracle.account import Account
from oracle.features import Features
from oracle.numbers import INFINITY, NAN, seconds
from oracle.plan import plan_is_ready
from oracle.state import Market
from oracle.votes import score

_STATE_DISTANCE: Final = {
    TradingState.ACTIVE: 1.0,
    TradingState.REDUCING: -1.0,
    TradingState.HALTED: -2.0,
}
_REGIMES: Final = {
    AllowedRegimes.ALL: (Regime.QUIET, Regime.RANGING, Regime.TRENDING, Regime.VOLATILE),
    AllowedRegimes.TRENDING: (Regime.TRENDING,),
    AllowedRegimes.TRENDING_OR_VOLATILE: (Regime.TRENDING, Regime.VOLATILE),
    AllowedRegimes.NOT_QUIET: (Regime.RANGING, Regime.TRENDING, Regime.VOLATILE),
    AllowedRegimes.RANGING_OR_VOLATILE: (Regime.RANGING, Regime.VOLATILE),
}


@dataclass(frozen=True)
class Look:
    """What a gate looks at: one market at one moment, for a side."""

    market: Market
    account: Account
    now: int
    side: int

    @property
    def features(self) -> Features:
        return self.market.features

    def number(self, path: str) -> float:
        return self.market.settings.number(path)

    def whole(self, path: str) -> int:
        return self.market.settings.whole(path)


@dataclass(frozen=True)
class Verdict:
    """Distances by gate, the gate that blocked, and the observing gates that would have."""

    distances: list[float]
    blocked_by: Gate | None
    observed: list[Gate]


def candidate_side(features: Features) -> int:
    """LONG while momentum has no direction."""
    return features.direction or 1


def judge(look: Look, left_out: tuple[Gate, ...] = ()) -> Verdict:
    """Run the gates in their order, up to the first that blocks; A1 leaves some out."""
    distances = [NAN] * len(Gate)
    observed: list[Gate] = []
    for gate in Gate:
        if gate in left_out:
            continue
        setting = look.market.settings.gates.get(gate)  # none for those that are always on
        mode = GateMode.ON if setting is None else setting.mode
        if mode is GateMode.OFF or _lacks_its_reference(look.market, gate):
            continue
        distance = float(_DISTANCE[gate](look))
        distances[gate] = distance
        missing_passes = setting is not None and setting.when_missing is WhenMissing.PASS
        blocks = not missing_passes if math.isnan(distance) else distance < 0
        if blocks and mode is GateMode.OBSERVE:
            observed.append(gate)
        elif blocks:
            return Verdict(distances, gate, observed)
    return Verdict(distances, None, observed)


def _lacks_its_reference(market: Market, gate: Gate) -> bool:
    """C8: the gates that need a reference are off without one."""
    if market.has_reference:
        return False
    if gate is Gate.INDEX_BIAS:
        return market.settings.whole("gates.index_bias.source") == BiasSource.REFERENCE
    return gate in (Gate.REFERENCE, Gate.RELATIVE_STRENGTH)


def _fresh_reference(look: Look) -> Features | None:
    """F20."""
    reference = look.market.reference
    return reference if reference is not None and reference.fresh(look.now) else None


def _hold(look: Look) -> float:
    held = look.market.hold_until
    return INFINITY if held is None else seconds(look.now - held)


def _trading_state(look: Look) -> float:
    return _STATE_DISTANCE[look.account.state]


def _session(look: Look) -> float:
    session = look.market.session
    if session is None:
        return 86_400.0
    if look.now < session.open_ns:
        return seconds(look.now - session.open_ns)
    return seconds(session.cut_off_ns - look.now)


def _data_age(look: Look) -> float:
    return look.number("gates.data_age.max_s") - look.features.age(look.now)


def allowed_side(look: Look) -> float:
    sides = look.whole("entry.sides")
    allowed = sides in (AllowedSides.BOTH, look.side)
    possible = look.side > 0 or look.market.constants.shortable
    return 1.0 if allowed and possible else -1.0


def _reference(look: Look) -> float:
    reference = _fresh_reference(look)
    if reference is None or reference.direction == 0:
        return NAN
    streak = reference.streak if reference.direction == look.side else -reference.streak
    return streak - look.whole("gates.reference.streak")


def _candle(look: Look) -> float:
    frame = look.features.candles.frames[look.whole("gates.candle.frame")]
    if not frame.closed:
        return NAN
    if look.whole("gates.candle.reference") == CandleReference.EMA9:
        reference = frame.ema9.value
    else:
        reference = frame.closed[-2].close if len(frame.closed) > 1 else NAN
    beyond = look.side * (frame.closed[-1].close - reference) / 2
    return beyond - look.number("gates.candle.margin_ticks")


def momentum(look: Look) -> float:
    required = look.whole("gates.momentum.streak")
    if look.features.regime is Regime.RANGING:
        required += look.whole("gates.momentum.ranging_penalty")
    if look.market.loss_streak_holds:
        required += look.whole("gates.momentum.loss_penalty")
    return -required if look.features.direction == 0 else look.features.streak - required


def _velocity(look: Look) -> float:
    velocity = look.features.velocity(look.side, look.now)
    return velocity - look.number("gates.velocity.min_bps_per_s")


def _relative_strength(look: Look) -> float:
    reference = _fresh_reference(look)
    if reference is None:
        return NAN
    window = look.whole("gates.relative_strength.window_s")
    lead = look.features.move_bps(window) - reference.move_bps(window)
    return look.side * lead - look.number("gates.relative_strength.min_bps")


def _index_bias(look: Look) -> float:
    voters: Features | None = look.features
    if look.whole("gates.index_bias.source") == BiasSource.REFERENCE:
        voters = _fresh_reference(look)
    if voters is None:
        return NAN
    on_side = look.side * score(voters, look.market.settings)
    least = look.whole("gates.index_bias.min_score")
    if look.whole("gates.index_bias.bias") == BiasMode.FILTER:
        return on_side + least - 1
    return on_side - least


def _regime(look: Look) -> float:
    regime = look.features.regime
    if regime is Regime.UNKNOWN:
        return NAN
    allowed = _REGIMES[AllowedRegimes(look.whole("gates.regime.allowed"))]
    return 1.0 if regime in allowed else -1.0


def _spread(look: Look) -> float:
    features = look.features
    if not features.valid:
        return NAN
    return features.distance("gates.spread.max", features.mid) / 2 - features.spread


def _imbalance(look: Look) -> float:
    return look.side * look.features.imbalance - look.number("gates.imbalance.min")


def _min_move(look: Look) -> float:
    before = look.market.last_exit_half
    if before is None:
        return INFINITY
    price = look.features.known_price
    least = look.features.distance("gates.min_move.min", price)
    return abs(price - before) / 2 - least / 2


def _no_trade_zone(look: Look) -> float:
    features = look.features
    moved = features.candles.price_range(look.whole("gates.no_trade_zone.window_s"))
    least = features.distance("gates.no_trade_zone.min_range", features.known_price)
    return moved / 2 - least / 2


def cost_bps(market: Market) -> float:
    """G26; NaN without a valid book."""
    constants, spread_bps = market.constants, market.features.spread_bps
    if market.settings.whole("entry.style") == EntryStyle.MARKETABLE:
        return spread_bps + 1e4 * (constants.taker + constants.taker)
    return spread_bps / 2 + 1e4 * (constants.maker + constants.taker)


def _expected_move(look: Look) -> float:
    horizon = math.sqrt(look.number("gates.expected_move.horizon_s"))
    expected = look.features.candles.variance.volatility_bps * horizon
    return expected - look.number("gates.expected_move.k") * cost_bps(look.market)


def _smc(look: Look) -> float:
    bias = look.market.context_at(look.now).smc_bias
    return look.side * bias - look.number("gates.smc.min_bias")


def _scan_plan(look: Look) -> float:
    return look.side * look.market.context_at(look.now).plan_side - 0.5


def _win_probability(look: Look) -> float:
    context = look.market.context_at(look.now)
    chance = context.win_long if look.side > 0 else context.win_short
    return chance - look.number("gates.win_probability.min")


def _since(look: Look, event_ns: int | None, pause: float) -> float:
    return INFINITY if event_ns is None else seconds(look.now - event_ns) - pause


def _after_exit_s(look: Look) -> float:
    market = look.market
    window = market.settings.ns("gates.cool_down.re_entry_window_s")
    in_window = market.flat_ns is not None and look.now - market.flat_ns <= window
    if window > 0 and market.last_won and in_window:
        return look.number("gates.cool_down.re_entry_gap_s")
    return look.number("gates.cool_down.after_exit_s")


def _after_loss_s(look: Look) -> float:
    usual = look.number("gates.cool_down.after_loss_s")
    if not look.market.loss_streak_holds:
        return usual
    return max(usual, look.number("gates.cool_down.after_loss_streak_s"))


def _cool_down(look: Look) -> float:
    market = look.market
    last_entry = market.accepted[-1] if market.accepted else None
    since_entry = _since(look, last_entry, look.number("gates.cool_down.min_gap_s"))
    if market.last_reason is ExitReason.FLIP and look.side == -market.last_side:
        pause = look.number("exit.flip_cool_down_s")
        return min(_since(look, market.flat_ns, pause), since_entry)
    return min(
        _since(look, market.flat_ns, _after_exit_s(look)),
        _since(look, market.loss_ns, _after_loss_s(look)),
        since_entry,
    )


def _rate(look: Look) -> float:
    remembered = look.market.accepted[-64:]
    recent = sum(1 for event_ns in remembered if event_ns > look.now - 60_000_000_000)
    return look.whole("gates.rate.max_per_minute") - 1 - recent


def _plan(look: Look) -> float:
    ready = look.features.valid and plan_is_ready(look.market, look.now)
    return 1.0 if ready else NAN


_DISTANCE: Final[dict[Gate, Callable[[Look], float]]] = {
    Gate.HOLD: _hold,
    Gate.TRADING_STATE: _trading_state,
    Gate.SESSION: _session,
    Gate.DATA_AGE: _data_age,
    Gate.SIDE: allowed_side,
    Gate.REFERENCE: _reference,
    Gate.CANDLE: _candle,
    Gate.MOMENTUM: momentum,
    Gate.VELOCITY: _velocity,
    Gate.RELATIVE_STRENGTH: _relative_strength,
    Gate.INDEX_BIAS: _index_bias,
    Gate.REGIME: _regime,
    Gate.SPREAD: _spread,
    Gate.IMBALANCE: _imbalance,
    Gate.MIN_MOVE: _min_move,
    Gate.NO_TRADE_ZONE: _no_trade_zone,
    Gate.EXPECTED_MOVE: _expected_move,
    Gate.SMC: _smc,
    Gate.SCAN_PLAN: _scan_plan,
    Gate.WIN_PROBABILITY: _win_probability,
    Gate.COOL_DOWN: _cool_down,
    Gate.RATE: _rate,
    Gate.PLAN: _plan,
}
