"""What a playbook did in the gym as one JSON object for scripts: exact, keys in a fixed order."""

import json
from typing import Final

from reporting.gym_summary import RULE_WORDS, GymSummary, ScenarioTold
from reporting.json_values import Json, flat, plain

SIMULATED: Final = "SIMULATED: no such market exists; nothing here tells of an edge"


def gym_json(summary: GymSummary) -> str:
    """One line of ASCII; `sessions` comes last. Money is a string of a decimal, unrounded."""
    found = flat(summary)
    sessions = found.pop("sessions")
    rules: dict[str, Json] = {rule.word: words for rule, words in RULE_WORDS.items()}
    head: dict[str, Json] = {"is": SIMULATED}
    added: dict[str, Json] = {
        "rules": rules,
        "rules_broken": summary.broken,
        "sessions": sessions,
    }
    return json.dumps(head | found | added, allow_nan=False)


def scenarios_json(scenarios: list[ScenarioTold]) -> str:
    """One line of ASCII."""
    return json.dumps({"is": SIMULATED, "scenarios": plain(list(scenarios))}, allow_nan=False)
