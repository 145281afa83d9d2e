from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.trial import TrialRecord, trial_id

NewRecord = Callable[..., TrialRecord]

BATCH = "b" * 32


def part(number: int, attempt: int = 1, batch: str = BATCH) -> str:
    return f"parts/{batch}/{trial_id(batch, number)}.{attempt:04d}.{'0' * 16}.parquet"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index-v1.sqlite"
