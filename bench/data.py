"""The ticks that are measured on: recorded ones where they are, else simulated ones."""

import os
from pathlib import Path
from typing import Final

from market.simulated.frames import tick_frame
from market.simulated.models import Simulation, sim_coin
from market.simulated.simulator import SimulatedMarket

_CHECKOUT: Final = Path(__file__).resolve().parent.parent
_SIMULATED_S: Final = 4_000
_RECORDED: Final = "ticks/crypto/BTCUSDT-usdm-20240808.parquet"
_PAYLOADS: Final = "payloads/binance_usdm_ws_btcusdt_20240808.txt.gz"


def data_folder() -> Path:
    """Where recorded data is looked for: `$AUTOSCALPER_DATA`, else beside the checkout."""
    chosen = os.environ.get("AUTOSCALPER_DATA")
    return Path(chosen) if chosen else _CHECKOUT.parent / "shared" / "data"


def tick_file(folder: str) -> Path:
    """A file of ticks, generated into `folder` if there is no recorded one; says which it is."""
    recorded = data_folder() / _RECORDED
    if recorded.exists():
        print(f"ticks: recorded, {recorded.name}")
        return recorded
    print(f"ticks: SIMULATED, as {_RECORDED} is not in {data_folder()}")
    path = Path(folder) / "SIM-COIN.parquet"
    market = SimulatedMarket(Simulation(seed=1, markets=(sim_coin(),)))
    tick_frame(market.seconds(_SIMULATED_S)).write_parquet(path)
    return path


def message_file() -> Path | None:
    """Recorded websocket messages, or None."""
    recorded = data_folder() / _PAYLOADS
    return recorded if recorded.exists() else None
