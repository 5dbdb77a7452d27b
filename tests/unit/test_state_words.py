"""Whatever sets the trading state has words."""

import pytest
from msgspec.structs import replace

from domain.enums import StateCause
from reporting.why_sentences import state_told
from why_samples import summary


@pytest.mark.parametrize("cause", list(StateCause))
def test_each_cause_of_a_state_has_words(cause: StateCause) -> None:
    account = replace(summary().account, trading_state="reducing", cause=cause.word)
    assert state_told(account).startswith("reducing, ")
