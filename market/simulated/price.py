"""What moves prices: factors that are fair games, whatever their past looks like.

A regime moves its factor by `drift` or `pull` for as long as it lasts and, when it ends, back by as
much as was to be expected: with a chance of h to end at a step, the step is d, or -d (1 - h) / h.
Its mean is 0 whoever looks at it and whatever he knows of the past, of the regime and of its
parameters. Seen afterwards there are trends with sharp corrections, ranges with break-outs and
crashes with rebounds; seen before there is nothing to be won. Volatility decides how far a price
moves, never where to. Only a regime that a script holds is no fair game: it does not end by chance.
"""

import math
from typing import Final

from domain.arrays import Record, Rows
from domain.jit import kernel
from market.simulated.draws import noise, uniform
from market.simulated.rows import REGIMES, STEP_NS

STEP_S: Final = STEP_NS / 1e9
_ROOT_S: Final = math.sqrt(STEP_S)
_RISE_S, _FADE_S = 1.0, 30.0  # volatility comes fast and goes slowly
_HEAT_S: Final = 120.0
_HEAT_NOISE: Final = 0.1  # variance of heat: 0.1^2 * 120 / 2 = 0.6
_LEAST_HEAT, _MOST_HEAT = 0.1, 8.0
_FARTHEST: Final = 20.0  # bp: a pull grows no further


@kernel
def step_factor(factor: Record, regimes: Rows) -> None:
    """One step of the grid; leaves it in `move`."""
    regime = regimes[factor["regime"]]
    expected = _expected(factor, regime) * STEP_S
    ends = STEP_S / regime["mean_s"]
    if uniform(factor) < ends and factor["held"] == 0:
        move = -expected * (1.0 - ends) / ends
        _begin(factor, regimes)
    else:
        move = expected
        factor["displaced"] += expected
    shock = factor["volatility"] * _ROOT_S * noise(factor)
    factor["displaced"] += shock
    factor["move"] = move + shock
    _cool(factor, regimes[factor["regime"]]["level"])


@kernel
def _expected(factor: Record, regime: Record) -> float:
    """Bp/s while the regime lasts."""
    displaced = min(max(factor["displaced"], -_FARTHEST), _FARTHEST)
    return float(factor["direction"] * regime["drift"] - regime["pull"] * displaced)


@kernel
def _begin(factor: Record, regimes: Rows) -> None:
    """The regime that follows the one that has ended."""
    chance = uniform(factor)
    chances = regimes[factor["regime"]]["next"]
    following = 0
    while following < REGIMES - 1 and chance >= chances[following]:
        following += 1
    up = uniform(factor) < 0.5 and regimes[following]["falls"] == 0
    factor["regime"] = following
    factor["direction"] = 1.0 if up else -1.0
    factor["displaced"] = 0.0
    factor["reached"][following] += 1


@kernel
def _cool(factor: Record, target: float) -> None:
    """Volatility of the next step: on its way to the regime's, times heat that reverts to 1."""
    way = target - factor["level"]
    factor["level"] += way * STEP_S / (_RISE_S if way > 0.0 else _FADE_S)
    heat = factor["heat"]
    heat += (1.0 - heat) * STEP_S / _HEAT_S
    heat += _HEAT_NOISE * math.sqrt(heat) * _ROOT_S * noise(factor)
    factor["heat"] = min(max(heat, _LEAST_HEAT), _MOST_HEAT)
    factor["volatility"] = factor["level"] * math.sqrt(factor["heat"])
