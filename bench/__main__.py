"""`make bench`: prints tables for docs/performance.md, with the machine they were measured on."""

from tempfile import TemporaryDirectory

from bench.core import measure_core, measure_markets
from bench.data import message_file, tick_file
from bench.keeping import measure_keeping
from bench.ledger import measure_ledger
from bench.live_path import measure_live_path
from bench.loading import measure_loading
from bench.machine import machine
from bench.peers import measure_peers
from bench.recording import measure_recording
from bench.sequencer import measure_sequencer
from bench.simulated import measure_simulated


def main() -> None:
    """Measure everything there is to measure."""
    print("\n".join(machine()))
    with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
        path = tick_file(folder)
        measure_core(path)
        measure_markets(path)
        measure_peers(path)
        measure_recording(path)
        measure_keeping(path)
    measure_loading()
    measure_sequencer()
    measure_ledger()
    measure_simulated()
    messages = message_file()
    if messages is None:
        print("\nlive path: skipped, as there are no recorded messages (see AUTOSCALPER_DATA)")
    else:
        measure_live_path(messages)


if __name__ == "__main__":
    main()
