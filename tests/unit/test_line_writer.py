"""Lines of a service: a stream that stalls, or has gone, keeps nobody waiting."""

import io
import threading
import time

from agent.live.line_writer import WAITING, LineWriter


class Stalled(io.StringIO):
    """A stream that takes nothing until somebody lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def write(self, text: str) -> int:
        self.goes_on.wait(5.0)
        return super().write(text)


class Gone(io.StringIO):
    """A pipe without a reader."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_lines_are_written_in_their_order() -> None:
    stream = io.StringIO()
    lines = LineWriter(stream)
    for word in ("one", "two"):
        lines.put(word)
    lines.close()
    assert stream.getvalue() == "one\ntwo\n"


def test_a_stalled_stream_keeps_nobody_waiting_and_what_finds_no_room_is_counted() -> None:
    stream = Stalled()
    lines = LineWriter(stream)
    began_s = time.monotonic()
    for _ in range(WAITING + 50):
        lines.put("line")
    assert time.monotonic() - began_s < 1.0
    assert 49 <= lines.dropped <= 50
    stream.goes_on.set()
    lines.close()


def test_a_stream_that_has_gone_ends_nothing() -> None:
    lines = LineWriter(Gone())
    lines.put("line")
    lines.close()
    assert lines.dropped == 1
