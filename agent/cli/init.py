"""`autoscalper init`: a commented config, from a few answers or from options alone."""

import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from agent.cli.completion import instruments, playbooks, words_of
from agent.cli.moments import one_of
from config.template import PRESETS, Answers, Kind, config_text, usual_risk
from domain.errors import BadConfig, BadInput, BadUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

INIT_EXAMPLES: Final = """\b
Examples:
  autoscalper init
  autoscalper init --kind simulated
  autoscalper init --kind crypto --market BTCUSDT-usdm --market ETHUSDT-spot
  autoscalper init --kind openalgo --start-equity 200000 --risk-per-day 2000
"""
_MOST: Final = Decimal(10) ** 12
_TRIES: Final = 5


def _money(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation as error:
        raise typer.BadParameter(f"{text!r} is no number; give an amount such as 10000") from error
    if not value.is_finite() or not 0 < value <= _MOST:
        raise typer.BadParameter(f"{text} is not above 0 and at most {_MOST:,}; give an amount")
    return value


def init(  # noqa: PLR0913 - typer makes one option of each parameter
    *,
    kind: Annotated[
        Kind | None,
        typer.Option(
            metavar="KIND",
            parser=one_of(Kind),
            autocompletion=words_of(Kind),
            show_default=False,
            help="simulated (a made-up market), crypto or openalgo (both on paper, with real "
            "prices). Without it simulated, or a question on a terminal.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option(metavar="FILE", help="The file to write; only you can read it.")
    ] = Path("autoscalper.toml"),
    market: Annotated[
        list[str] | None,
        typer.Option(
            metavar="I",
            show_default=False,
            autocompletion=instruments,
            help="Instrument to trade, by name or file. Several are several options.",
        ),
    ] = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            show_default=False,
            autocompletion=playbooks,
            help="Playbook of all markets, by name or file; without it the kind's.",
        ),
    ] = None,
    start_equity: Annotated[
        Decimal | None,
        typer.Option(
            metavar="AMOUNT",
            parser=_money,
            show_default=False,
            help="What the account starts with: USD, for openalgo INR.",
        ),
    ] = None,
    risk_per_day: Annotated[
        Decimal | None,
        typer.Option(
            metavar="AMOUNT",
            parser=_money,
            show_default=False,
            help="Loss of a day at which everything is closed; 2 % of the start without it.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there already.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing, also on a terminal: take the defaults.")
    ] = False,
) -> None:
    """Write a commented config that `autoscalper check` accepts.

    On a terminal it asks for what no option says; elsewhere it takes the defaults. Limits follow
    from the start equity and from what a day may lose; the file says what each is.
    """
    from agent.cli.output import on_terminal

    if output.exists() and not force:
        raise BadInput(f"{output}: is there already; name another --output, or add --force")
    asks = on_terminal() and not yes
    ask = _ask if asks else _take
    chosen = kind or ask(_KIND, Kind.SIMULATED.word, one_of(Kind))
    preset = PRESETS[chosen]
    listed = _MARKETS.format(_shipped(chosen)) if asks else _MARKETS
    names = market or ask(listed, preset.market, lambda text: _known_markets(text, chosen))
    for name in names:
        _known_markets(name, chosen)
    plan = playbook or ask(_PLAYBOOK, preset.playbook, _known_playbook)
    _known_playbook(plan)
    currency = preset.currency
    equity = start_equity or ask(_EQUITY.format(currency), f"{preset.start_equity:f}", _money)
    usual = f"{usual_risk(equity).normalize():f}"
    risk = risk_per_day or ask(_RISK.format(currency), usual, lambda text: _risk(text, equity))
    _risk(str(risk), equity)
    answers = Answers(
        kind=chosen,
        markets=tuple((_from(output, each), _from(output, plan)) for each in names),
        start_equity=equity,
        risk_per_day=risk,
    )
    _write(output, config_text(answers), force=force)
    _tell(output, names, plan, preset.mode.word)


_KIND: Final = (
    "What is it for?\n"
    "  simulated  a made-up market: no keys, no network, nothing to lose\n"
    "  crypto     an exchange's real prices, orders filled here on paper; no keys\n"
    "  openalgo   Indian shares through OpenAlgo, orders filled here on paper\n"
    "Kind"
)
_MARKETS: Final = (
    "\nWhich instruments? Several are divided by commas; shipped names, or your files.\n{}\nMarkets"
)
_PLAYBOOK: Final = "\nBy which rules? `autoscalper playbook list` says what each trades.\nPlaybook"
_EQUITY: Final = "\nWhat does the account start with? All limits follow from it.\nStart equity, {}"
_RISK: Final = (
    "\nHow much may a day lose? Open losses count; then everything is closed, and"
    "\nnothing is entered until the next day.\nRisk per day, {}"
)


def _take(question: str, default: str, read: Callable[[str], T]) -> T:  # noqa: ARG001 - as `_ask`
    return read(default)


def _ask(question: str, default: str, read: Callable[[str], T]) -> T:
    """The answer to a question, asked again where it cannot be used."""
    *words, label = question.split("\n")
    for line in words:
        typer.echo(line)
    for _ in range(_TRIES):
        try:
            return read(str(typer.prompt(label, default=default)).strip())
        except (typer.BadParameter, BadConfig, BadUsage) as error:
            typer.echo(f"  {getattr(error, 'message', error)}")
    raise BadUsage(f"no answer to {label!r} could be used; give it as an option")


def _known_markets(text: str, kind: Kind) -> "Sequence[str]":
    """Names of instruments whose money can be counted. BadConfig or BadUsage otherwise."""
    from config.catalog import load_instrument

    names = [each.strip() for each in text.split(",") if each.strip()]
    if not names:
        raise BadUsage("name at least one instrument")
    if len(set(names)) < len(names):
        raise BadUsage(f"{text!r} names an instrument twice; name each once")
    for name in names:
        settle = load_instrument(name).settle
        if settle not in _worth(kind):
            raise BadUsage(
                f"{name} settles in {settle}, and this account is kept in "
                f"{PRESETS[kind].currency}; choose another, or add it to the file later, with a "
                "rate under [account.rates]"
            )
    return names


def _worth(kind: Kind) -> tuple[str, ...]:
    """Currencies that need no rate."""
    from domain.account import DOLLAR, DOLLAR_COINS

    currency = PRESETS[kind].currency
    return (currency, *DOLLAR_COINS) if currency == DOLLAR else (currency,)


def _shipped(kind: Kind) -> str:
    """Instruments that such an account can trade, in lines."""
    from config.catalog import list_instruments, load_instrument

    fit = [name for name in list_instruments() if load_instrument(name).settle in _worth(kind)]
    return textwrap.fill(", ".join(fit), 78, initial_indent="  ", subsequent_indent="  ")


def _known_playbook(name: str) -> str:
    from config.catalog import load_playbook

    load_playbook(name)
    return name


def _risk(text: str, equity: Decimal) -> Decimal:
    risk = _money(text)
    if risk >= equity:
        raise BadUsage(f"a day cannot risk {risk:,f} of {equity:,f}; give less than all of it")
    return risk


def _from(output: Path, name: str) -> str:
    """A file's name holds from the folder of the config, so it is written in full."""
    from config.catalog import is_path

    found = str(Path(name).expanduser().absolute()) if is_path(name) else name
    if any(sign in found for sign in '"\\\n\r'):
        raise BadUsage(f"{output}: {name!r} cannot be written there; rename that file")
    return found


def _write(output: Path, text: str, *, force: bool) -> None:
    """A whole file that only this user can read, or none. BadInput where it cannot be written."""
    try:
        descriptor, part = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror}; see its folder") from error
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
        _refuse_unusable(output, Path(part))
        if force:
            shutil.move(part, output)
        else:
            os.link(part, output)  # fails where another wrote it meanwhile
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            Path(part).unlink()


def _refuse_unusable(output: Path, written: Path) -> None:
    """BadUsage where answers lead to limits or markets that nothing could be traded with."""
    from agent.service.config_check import check_config

    for each in check_config(written).problems:
        # What a variable says is no fault of the answers; `check` tells it.
        if each.key.startswith(("limits", "markets")) and "environment" not in each.place:
            raise BadUsage(
                f"{output} was not written: {each.key} {each.what}; give other amounts or markets"
            )


def _tell(output: Path, names: "Sequence[str]", playbook: str, mode: str) -> None:
    from config.config_file import FILE_NAME

    named = "" if output == Path(FILE_NAME) else f" {output}"
    typer.echo(f"Wrote {output}: {mode}, {', '.join(names)} by {playbook}.")
    typer.echo("Next:")
    for command, why in (
        (f"check{named}", "see what would run"),
        (f"playbook show {playbook}", "read what it trades"),
        ("doctor", "see that this machine is fit for it"),
    ):
        typer.echo(f"  autoscalper {command:<29} {why}")
