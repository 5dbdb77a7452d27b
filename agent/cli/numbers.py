"""Whole numbers as options give them, refused in this program's own words."""

from collections.abc import Callable

import typer


def at_least(least: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` on; usage error for all else."""

    def read(text: str) -> int:
        fix = f"give a whole number from {least} on"
        try:
            number = int(text)
        except ValueError as error:
            raise typer.BadParameter(f"{text!r} is no whole number; {fix}") from error
        if number < least:
            raise typer.BadParameter(f"{number} is below {least}; {fix}")
        return number

    return read
