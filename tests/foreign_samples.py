"""Small foreign files as their sources write them, for tests of what imports them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from domain.units import SECOND_NS

START_NS: Final = 1_700_000_000 * SECOND_NS  # 2023-11-14 22:13:20 UTC
START_MS: Final = START_NS // 1_000_000

AGG_TRADES: Final = (
    f"7,100.1,0.5,70,71,{START_MS},true\n"
    f"8,100.2,1.25,72,72,{START_MS + 1},false\n"
    f"9,100.1,2,73,75,{START_MS + 250},true\n"
)
SPOT_AGG_TRADES: Final = AGG_TRADES.replace("true\n", "True,True\n").replace(
    "false\n", "False,True\n"
)
AGG_HEAD: Final = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
)
SPOT_TRADES: Final = (
    f"7,100.1,0.5,50.05,{START_NS // 1_000},True,True\n"
    f"8,100.2,1.25,125.25,{START_NS // 1_000 + 1_000},False,True\n"
)
BOOK_TICKER: Final = (
    f"1,100.1,3,100.2,4,{START_MS},{START_MS + 2}\n"
    f"2,100.2,5,100.3,6,{START_MS + 9},{START_MS + 9}\n"
)
KLINES: Final = "".join(
    f"{START_MS + 60_000 * n},{line},{START_MS + 60_000 * n + 59_999},1,9,1,1,0\n"
    for n, line in enumerate(("100,104,99,103,12", "103,105,100,101,7", "101,101,101,101,0"))
)
KRAKEN_TRADES: Final = "1700000000.1234,100.1,0.5\n1700000001,100.2,0.25\n"
BYBIT: Final = (
    "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue\n"
    "1700000001.5000,BTCUSDT,Sell,0.25,100.2,ZeroMinusTick,ab-2,1\n"
    "1700000000.1234,BTCUSDT,Buy,0.5,100.1,PlusTick,ab-1,1\n"
)
TARDIS_TRADES: Final = (
    "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    "binance,btcusdt,1700000000000100,1700000000002000,5,buy,100.1,0.5\n"
    "binance,btcusdt,1700000000000200,1700000000002100,6,sell,100.2,0.25\n"
)
TARDIS_QUOTES: Final = (
    "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
    "binance,btcusdt,1700000000000100,1700000000002000,4,100.2,100.1,3\n"
)
DUKASCOPY_TICKS: Final = (
    "Gmt time,Ask,Bid,AskVolume,BidVolume\n14.11.2023 22:13:20.123,1.0902,1.0901,1.5,0.75\n"
)
DUKASCOPY: Final = (
    "Gmt time,Open,High,Low,Close,Volume\n"
    "14.11.2023 22:13:00.000,1.09,1.0904,1.0899,1.0903,12.5\n"
    "14.11.2023 22:14:00.000,1.0903,1.0905,1.09,1.0901,7\n"
)
YFINANCE: Final = (
    "Datetime,Open,High,Low,Close,Adj Close,Volume\n"
    "2023-11-14 09:30:00-05:00,100,104,99,103,103,120\n"
    "2023-11-14 09:31:00-05:00,103,105,100,101,101,70\n"
)
METATRADER: Final = "<DATE>\t<TIME>\t<BID>\t<ASK>\n2023.11.14\t22:13:20.123\t1.0901\t1.0902\n"


def written(folder: Path, content: str, name: str = "x.csv") -> Path:
    """A file of this content."""
    path = folder / name
    path.write_text(content)
    return path


def generic_trades(rows: Iterable[tuple[int, float, float, int]]) -> str:
    """Time in ns, price, size and id, with a head."""
    lines = (f"{at},{price!r},{size!r},{number}" for at, price, size, number in rows)
    return "time,price,size,trade_id\n" + "".join(f"{line}\n" for line in lines)
