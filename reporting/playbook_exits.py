"""How a playbook leaves a position, adds to it and sizes it, in sentences."""

from typing import Final

from domain.enums import AveragingMode, SizeMode, TimeGuard
from reporting.playbook_told import Told

_PERIODS: Final = (1, 2, 3)
_SIZES: Final = tuple(
    f"size.{key}"
    for key in ("mode", "multiple", "risk_fraction", "target_volatility_bps", "max_multiple")
)


def stop(told: Told) -> list[str]:
    """Where a position is stopped and takes profit, and what moves its stop."""
    said = [_levels(told, "exit.stop", "exit.target"), *_periods(told)]
    moves = [*_steps(told), *_trail(told)]
    return said + (moves or ["The stop never moves."])


def leaving(told: Told) -> list[str]:
    """Why a position is left but for stop and target, and how its orders are sent."""
    return [*_partial(told), *_time_guard(told), *_flips(told), _orders(told)]


def adding(told: Told) -> list[str]:
    """When a position is added to."""
    mode = AveragingMode(int(told.number("averaging.mode")))
    told.idle("averaging.mode", "averaging.loss_budget")
    paths = [f"averaging.{key}" for key in ("multiple", "max_multiple", "max_additions")]
    if mode is AveragingMode.OFF:
        told.idle(*paths, "averaging.window_s", "averaging.interval_s")
        return ["Never adds to a position."]
    addition, largest, most = (told.words(path) for path in paths)
    window, interval = told.words("averaging.window_s"), told.words("averaging.interval_s")
    when = "while it gains"
    if mode is AveragingMode.LOSS_BUDGET:
        when = f"down to a loss of {told.words('averaging.loss_budget')}"
    said = (
        f"Adds {addition} to a position {when}, if its side still has the move and all gates but "
        f"min move and cool down let an entry through: at most {most}, {interval} apart, within "
        f"{window} of the first fill and up to {largest} in all."
    )
    return [said]


def size(told: Told) -> list[str]:
    """How large an entry is."""
    mode = SizeMode(int(told.number("size.mode")))
    if mode is SizeMode.RISK:
        share, most = told.share("size.risk_fraction"), told.words("size.max_multiple")
        text = f"Trades what loses {share} of equity at the stop, fees included, at most {most}"
    elif mode is SizeMode.VOLATILITY:
        usual, most = told.words("size.multiple"), told.words("size.max_multiple")
        level = told.words("size.target_volatility_bps")
        text = (
            f"Trades {usual} of the instrument at a volatility of {level} per square root of a "
            f"second, less the higher and more the lower it is, at most {most}"
        )
    else:
        text = f"Trades {told.words('size.multiple')} of the instrument"
    told.idle(*_SIZES)
    return [f"{text}, rounded down."]


def _levels(told: Told, stop_path: str, target_path: str) -> str:
    stop_words, target = told.words(stop_path), "takes profit at no fixed distance"
    if not told.off(target_path):
        target = f"takes profit at a gain of {told.words(target_path)}"
    told.idle(target_path)
    return f"Stops at a loss of {stop_words} from the average fill, and {target}."


def _periods(told: Told) -> list[str]:
    used = []
    for number in _PERIODS:
        start, *levels = (f"exit.period_{number}_{key}" for key in ("from", "stop", "target"))
        if not told.off(start):
            minute = told.number(start)
            text = _levels(told, *levels)
            used.append(
                (minute, f"Entries from {told.words(start)} on: {text[0].lower()}{text[1:]}")
            )
        told.idle(start, *levels)
    if not used:
        return []
    # A later period of the same time counts, so it alone is true.
    by_minute = dict(sorted(used, key=lambda each: each[0]))
    return [
        *by_minute.values(),
        "Before the first of these times, stop and target are those above.",
    ]


def _steps(told: Told) -> list[str]:
    """Movers that put the stop at or beyond the average fill."""
    said = []
    even, beyond = "exit.break_even_trigger", "exit.break_even_offset"
    if not told.off(even):
        gain, place = told.words(even), told.words(beyond)
        place = "" if place == "0 ticks" else f"{place} beyond "
        said.append(f"After a gain of {gain} the stop moves to {place}the average fill.")
    further, gained = "exit.offset_trigger", "exit.offset_gain"
    if not told.off(further):
        gain, place = told.words(further), told.words(gained)
        said.append(f"After a gain of {gain} the stop moves to {place} beyond the average fill.")
    lock, share = "exit.lock_trigger", "exit.lock_share"
    if not told.off(lock):
        gain, kept = told.words(lock), told.share(share)
        said.append(f"From a gain of {gain} on the stop keeps {kept} of the best gain.")
    told.idle(even, beyond, further, gained, lock, share)
    return said


def _trail(told: Told) -> list[str]:
    """Movers that follow the quote."""
    said, step = [], "exit.trail_step"
    trail, behind = "exit.trail_trigger", "exit.trail_distance"
    if not told.off(trail):
        gain, distance = told.words(trail), told.words(behind)
        said.append(f"After a gain of {gain} the stop trails {distance} behind the quote")
    tight, closer = "exit.tight_trigger", "exit.tight_distance"
    if not told.off(tight):
        gain, distance = told.words(tight), told.words(closer)
        said.append(f"After a gain of {gain} the stop trails {distance} behind the quote")
    if said:
        said = [
            f"{said[0]}, by {told.words(step)} or more at a time.",
            *(f"{s}." for s in said[1:]),
        ]
    fast = ["exit.fast_move", "exit.fast_window_s", "exit.fast_distance"]
    if said and not told.off(fast[0]):
        move, window, distance = (told.words(path) for path in fast)
        said.append(
            f"While it trails, a move of {move} for the position within {window} brings the stop "
            f"to {distance} behind the quote."
        )
    told.idle(trail, behind, tight, closer, step, *fast)
    return said


def _partial(told: Told) -> list[str]:
    trigger, share = "exit.partial_trigger", "exit.partial_share"
    said = []
    if not told.off(trigger):
        said.append(
            f"At a gain of {told.words(trigger)} closes {told.share(share)} of the position, once."
        )
    told.idle(trigger, share)
    return said


def _time_guard(told: Told) -> list[str]:
    hold, stall = told.words("exit.max_hold_s"), told.words("exit.stall_s")
    close = told.words("exit.session_end_s")
    extra, distance = "exit.time_guard_extra_s", "exit.tighten_distance"
    ends = f"after {stall} without data, and {close} before the session ends."
    said = [f"Closes after {hold} at the latest, {ends}"]
    if told.number("exit.time_guard") == TimeGuard.TIGHTEN:
        moves = told.words("gates.momentum.streak")
        tighter = (
            f"After {hold} closes what gains without {moves} in a row for it, and lets the stop of "
            f"the rest follow {told.words(distance)} behind the quote."
        )
        said = [
            tighter,
            f"Closes {told.words(extra)} after that at the latest, {ends}",
        ]
    told.idle("exit.time_guard", extra, distance)
    return said


def _flips(told: Told) -> list[str]:
    flip, pause = "exit.flip", "exit.flip_cool_down_s"
    streak, least = "exit.flip_streak", "exit.min_hold_s"
    turns, closes = not told.off(flip), told.number(streak) > 0
    held = f", but not within {told.words(least)}" if turns or closes else ""
    said = []
    if turns:
        said.append(
            f"Leaves when the other side has the {told.words('gates.momentum.streak')} that an "
            f"entry of it would need{held}; that side may be entered {told.words(pause)} later."
        )
    if closes:
        said.append(f"{told.words(streak)} in a row against the position close it{held}.")
    told.idle(flip, pause, streak, least)
    return said or ["An opposite streak closes nothing."]


def _orders(told: Told) -> str:
    offset, again = told.words("exit.limit_offset"), told.words("exit.resend_s")
    return (
        f"An exit may pay {offset} beyond the quote; every {again} a new attempt may pay twice "
        "that of the one before."
    )
