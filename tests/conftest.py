"""How properties are searched: without deadlines, and the same in every run of a change's tests.

`make nightly` searches anew each time and longer.
"""

import os

from hypothesis import settings

settings.register_profile("change", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "change"))
