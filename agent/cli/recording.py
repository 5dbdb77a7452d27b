"""`autoscalper recording list|export`: what lies in a recording, and its ticks as Parquet files."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.recording.reader import CutOff

RECORDING_EXAMPLES = """\b
Examples:
  autoscalper recording list recordings/
  autoscalper recording export recordings/ ticks/
"""

recording = typer.Typer(
    help="Look at recordings, and turn their ticks into Parquet files.",
    epilog=RECORDING_EXAMPLES,
    rich_markup_mode=None,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PathArgument = Annotated[Path, typer.Argument(metavar="RECORDING", hidden=True, show_default=False)]
_LIST = "\b\nExamples:\n  autoscalper recording list recordings/\n"
_EXPORT = "\b\nExamples:\n  autoscalper recording export recordings/ ticks/\n"


@recording.command("list", epilog=_LIST, short_help="List segments, and how each ends.")
def list_segments(
    path: PathArgument,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the segments of RECORDING, a folder or a file: when, what, and how each ends.

    Every checksum is tested on the way; a file that was changed is told.
    """
    from agent.cli.output import plain_in_pipes, print_line
    from agent.replay.recorded_segments import told_segments
    from reporting.segment_list import print_segments, segments_json

    found, cut = told_segments(path)
    _tell_cut_off(cut)
    if as_json:
        print_line(segments_json(found), sys.stdout)
        return
    with plain_in_pipes(sys.stdout) as console:
        print_segments(console, found)


@recording.command("export", epilog=_EXPORT, short_help="Write the ticks as Parquet files.")
def export(
    path: PathArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", hidden=True, show_default=False)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the ticks of RECORDING into FOLDER, a Parquet file for each market and segment.

    `autoscalper replay` reads them.
    """
    from agent.replay.export import export_ticks
    from db.recording.reader import begun_segments

    found, cut = begun_segments(path)
    _tell_cut_off(cut)
    exported = export_ticks(found, folder)
    if as_json:
        files = [
            {"path": str(each.path), "ticks": each.ticks, "left_out": each.left_out}
            for each in exported
        ]
        typer.echo(json.dumps({"files": files}))
        return
    for written in exported:
        left = f", {written.left_out:,} rows left out" if written.left_out else ""
        typer.echo(f"{written.path}: {written.ticks:,} ticks{left}")


def _tell_cut_off(cut: "Sequence[CutOff]") -> None:
    for each in cut:
        typer.echo(each.words, err=True)
