"""The paper broker: an approved order goes to the matching kernel, at once and nowhere else."""

from domain.arrays import Rows
from domain.orders import Approved
from execution.matching import accept_order


class PaperBroker:
    """Works approved orders in the markets' own rows; fills come out of the fold."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def accept(self, approved: Approved) -> None:
        """Start working the order from its decision's time on."""
        order = approved.order
        accept_order(
            self._rows,
            order.market,
            int(order.purpose),
            (int(order.kind), order.direction, int(order.limit), int(order.lots)),
            (int(order.decided_ns), order.life_ns),
        )
