"""Errors are named by what the caller must do.

AutoScalperError
├── BadInput     a file, number or option cannot be used; the text says what was expected
│   ├── BadUsage     options contradict each other or the files; say it in another way
│   └── Corrupt      a file was changed after it was written; restore it from a copy
├── BadConfig    settings cannot be used; the text names file, key and fix
├── Transient    something outside did not answer or broke off; try again later, with patience
├── NotStored    a ledger could not take it and holds nothing of it; do not do what it was to tell
├── NotTaken     nothing was done, as a queue was full or closed; say it again or give up
└── Fatal        state cannot be trusted; stop entries, keep protection, page a human
"""


class AutoScalperError(Exception):
    """Anything this program raises on purpose. Its text says cause, place and fix."""


class BadInput(AutoScalperError):
    """Data or an option that cannot be used; nothing was changed."""


class BadUsage(BadInput):
    """Options that cannot mean one thing, whatever the data holds."""


class Corrupt(BadInput):
    """A file whose checksums do not match; what was read before that place is whole."""


class BadConfig(AutoScalperError):
    """Settings, a playbook or an instrument that cannot be used; nothing was started."""


class Transient(AutoScalperError):
    """Outside of this program something failed that may work again; nothing here was changed."""


class NotStored(AutoScalperError):
    """A ledger has no room for rows: nothing of them is kept, so what they tell must not happen."""


class NotTaken(AutoScalperError):
    """Something was offered in vain: nothing came of it, and it may be offered again."""


class Fatal(AutoScalperError):
    """An invariant is broken: nothing further may be decided on this state."""
