"""Made-up sweeps for tests of what is printed. The numbers belong together, but mean nothing."""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from reporting.measures import Interval
from reporting.sweep_summary import SetResult, SweepSummary

_LOSS: Final = SetResult(
    number=2,
    changes={"exit.stop": "4bp", "gates.momentum.streak": "3"},
    trades=39,
    wins=12,
    open_positions=0,
    net=Decimal("-43.43471665"),
    net_per_trade=Decimal("-1.113710683333333333333333333"),
    interval=Interval(-1.225496, -1.001925),
    max_drawdown=Decimal("43.434717"),
    halted_by="",
    seconds=0.004,
    parameters_hash="f678d18917ee2dff",
    decision_hash="9b8a8ee6ea0f2e1e615b50e6633e88b0",
)
_GAIN: Final = replace(
    _LOSS,
    number=1,
    changes={"exit.stop": "max(2tick, 6bp)", "gates.momentum.streak": "3"},
    net=Decimal("12.5"),
    net_per_trade=Decimal("0.320512820512820512820512820"),
    interval=Interval(0.1, 0.541),
    max_drawdown=Decimal("3.1"),
    parameters_hash="cba1f60e722690c8",
    decision_hash="d2a25aeee6c79a7b2d2759438a0346a3",
)
_IDLE: Final = replace(
    _LOSS,
    trades=0,
    wins=0,
    net=Decimal(0),
    net_per_trade=None,
    interval=None,
    max_drawdown=Decimal(0),
)
_SWEEP: Final = SweepSummary(
    base="probe",
    base_hash="67553f9a51a910eb",
    varied={"exit.stop": ["max(2tick, 6bp)", "4bp"], "gates.momentum.streak": ["3"]},
    ticks=100_000,
    ticks_dropped={"late": 12},
    seconds=0.5,
    workers=2,
    currency="USD",
    assumed=["BTCUSDT-usdm: one USDT is worth one USD"],
    kernel_hash="5a09d042b1ae97374da71099f716f398",
    sets=[_GAIN, _LOSS],
)


def loss(**changes: object) -> SetResult:
    """A set that lost in 39 trades, apart from `changes`."""
    return replace(_LOSS, **changes)


def gain(**changes: object) -> SetResult:
    """A set that gained as often, apart from `changes`."""
    return replace(_GAIN, **changes)


def idle(**changes: object) -> SetResult:
    """A set that did not trade, apart from `changes`."""
    return replace(_IDLE, **changes)


def sweep(**changes: object) -> SweepSummary:
    """A gain and a loss, apart from `changes`."""
    return replace(_SWEEP, **changes)
