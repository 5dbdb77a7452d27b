"""`autoscalper gym`: a playbook through named simulated sessions."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.completion import scenario_names
from agent.cli.errors import ExitCode
from agent.cli.numbers import at_least
from agent.cli.places import TradingPlaybookOption

GYM_EXAMPLES = """\b
Examples:
  autoscalper gym
  autoscalper gym --list
  autoscalper gym --playbook my-playbook.toml --config my-config.toml
  autoscalper gym --scenario flash-crash --scenario feed-gap --seed 7
  autoscalper gym --record my-visit --json
"""


def gym(  # noqa: PLR0913 - typer makes one option of each parameter
    *,
    playbook: TradingPlaybookOption = "baseline",
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", parser=at_least(0), help="Another one gives other prices and ticks."
        ),
    ] = 1,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            autocompletion=scenario_names,
            show_default=False,
            help="Play this session only. Several sessions are several options.",
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="Keep the recordings here; without it in gym/ of the state folder, where the "
            "next visit replaces them.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Settings file whose account and limits count, instead of the defaults.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--list", help="List the sessions and play none.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, money as exact decimals.")
    ] = False,
) -> None:
    """Play a playbook through twenty named SIMULATED sessions.

    Flash crash, feed stall, wide spreads, halt: for each session the scorecard tells net,
    drawdown, use of limits, the worst moment with the command that explains it, and rules of the
    program that were broken. Exit code 1 if one was; losing money is no such thing.
    """
    from agent.cli.output import plain_in_pipes, print_line, shown_progress
    from agent.gym.run import GymRequest, run_gym
    from reporting.gym_json import gym_json
    from reporting.gym_text import print_gym

    if everything:
        _print_list(as_json=as_json)
        return
    request = GymRequest(
        playbook=playbook,
        seed=seed,
        scenarios=tuple(scenario or ()),
        record=record,
        settings=config,
    )
    with shown_progress(sys.stderr) as progress:
        summary = run_gym(request, progress)
    if as_json:
        print_line(gym_json(summary), sys.stdout)
    else:
        with plain_in_pipes(sys.stdout) as console:
            print_gym(console, summary)
    if summary.broken:
        raise typer.Exit(ExitCode.ERROR)


def _print_list(*, as_json: bool) -> None:
    from agent.cli.output import plain_in_pipes, print_line
    from agent.gym.run import scenarios_told
    from reporting.gym_json import scenarios_json
    from reporting.gym_text import print_scenarios

    if as_json:
        print_line(scenarios_json(scenarios_told()), sys.stdout)
        return
    with plain_in_pipes(sys.stdout) as console:
        print_scenarios(console, scenarios_told())
