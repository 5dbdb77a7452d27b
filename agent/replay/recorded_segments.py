"""What each segment of a recording holds, read once from end to end."""

from pathlib import Path

from db.recording.followed import not_followed
from db.recording.reader import CutOff, EndKind, begun_segments
from reporting.segment_list import SegmentLine


def told_segments(path: Path) -> tuple[list[SegmentLine], list[CutOff]]:
    """A line for each segment, and those that hold nothing. BadInput or Corrupt from reading."""
    found: list[SegmentLine] = []
    begun, cut = begun_segments(path)
    alone = {each.name for each in not_followed(path, begun, cut)}
    for segment in begun:
        header, end, outputs = segment.header, segment.end, segment.outputs_end
        torn = EndKind.TORN in {end.kind, outputs.kind}
        found.append(
            SegmentLine(
                name=segment.name,
                mode=header.mode,
                run=header.epoch,
                opened=header.opened.word,
                markets=header.markets,
                first_input=segment.first_seq,
                inputs=end.count,
                outputs=outputs.count,
                end=EndKind.TORN.word if torn else end.kind.word,
                lost=end.lost,
                next_missing=segment.name in alone,
                ignored_bytes=end.ignored_bytes + outputs.ignored_bytes,
            )
        )
    return found, cut
