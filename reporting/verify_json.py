"""What a verification found, as one JSON object."""

import json

import msgspec

from reporting.verify_summary import OutputTold, Verified
from reporting.verify_words import distances


def verify_json(verified: Verified) -> str:
    """Distances are by name; those that are not there were not asked."""
    difference = verified.difference
    told = None
    if difference is not None:
        told = {
            **msgspec.to_builtins(difference),
            "recorded": _output(difference.recorded),
            "folded": _output(difference.folded),
        }
    segments = [
        {**msgspec.to_builtins(part), "difference": part.difference is not None}
        for part in verified.segments
    ]
    found = {
        "verified": verified.equal,
        "same_build": all(part.same_build for part in verified.segments),
        "outputs": sum(part.outputs for part in verified.segments),
        "segments": segments,
        "missing": msgspec.to_builtins(verified.missing),
        "runs_without_segments": verified.no_runs,
        "missing_at_the_end": [msgspec.to_builtins(each) for each in verified.no_next],
        "difference": told,
    }
    return json.dumps(found)


def _output(told: OutputTold | None) -> dict[str, object] | None:
    if told is None:
        return None
    return {**msgspec.to_builtins(told), "distances": distances(told)}
