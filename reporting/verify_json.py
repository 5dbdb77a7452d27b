"""What a verification found, as one JSON object."""

import json
import math

import msgspec

from domain.enums import Gate
from reporting.verify_summary import OutputTold, Verified


def verify_json(verified: Verified) -> str:
    """Distances are by gate; those that are not there were not asked."""
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
        "difference": told,
    }
    return json.dumps(found)


def _output(told: OutputTold | None) -> dict[str, object] | None:
    if told is None:
        return None
    distances = {
        gate.word: told.distances[gate] for gate in Gate if not math.isnan(told.distances[gate])
    }
    return {**msgspec.to_builtins(told), "distances": distances}
