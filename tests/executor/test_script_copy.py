"""Values are written into the copy of a trial, and secrets do not stay there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunesmith.addresses.address import Address, definition_of
from tunesmith.executor.attempt import publish_attempt
from tunesmith.flags.secret_values import MASK, Secret
from tunesmith.flags.values import FlagValue
from tunesmith.trial import PlannedTrial

SCRIPT = """\
import settings
x = 1
print("loss:", x + settings.CFG.lr)
print("seen", open(".env").read().split())
print("key", open("config.yaml").read().split()[1] == "abc", flush=True)
"""


@pytest.fixture
def work(make_work: Any, tmp_path: Path) -> Any:
    made = make_work(SCRIPT, **{
        "settings.py": "class CFG:\n    lr = 0.1  # rate\n", "config.yaml": "api_key: k  # own\n",
    })  # fmt: skip
    lr = definition_of(
        Address(parts=("CFG", "lr"), value=0.1), file="settings.py", name="lr", aliases=()
    )
    key = definition_of(
        Address(parts=("api_key",), value="k"), file="config.yaml", name="api_key", aliases=()
    )
    (tmp_path / "project" / ".env").write_text("TOKEN=t\nRATE=1\n")
    rate = definition_of(Address(parts=("RATE",), value=1), file=".env", name="RATE", aliases=())
    spec = made.spec
    flags = replace(spec.script_flags, definitions=(*spec.script_flags.definitions, lr, key, rate))
    settings = {"x": 2, "lr": 0.25, "api_key": Secret("abc"), "RATE": 5}
    return replace(
        made, spec=replace(spec, script_flags=flags, settings=settings, given=tuple(settings))
    )


def test_each_file_of_the_copy_gets_its_values(work: Any) -> None:
    flags: dict[str, FlagValue] = {"x": 2, "lr": 0.25, "api_key": MASK, "RATE": 5}
    record = publish_attempt(work, PlannedTrial(number=1, flags=flags, origin="grid"))
    folder = work.store.layout.trial_directory(work.spec.id, record.id)
    output = work.store.layout.output(work.spec.id, record.id).read_text()
    assert record.objective == 2.25
    assert "key True" in output
    assert "seen ['TOKEN=t', 'RATE=5']" in output
    assert not (folder / ".env").exists()
    assert (folder / "settings.py").read_text() == "class CFG:\n    lr = 0.25  # rate\n"
    assert (folder / "config.yaml").read_text() == 'api_key: "***"  # own\n'
    source = work.store.source.folder(work.spec.source_digest)
    assert (source / "config.yaml").read_text() == "api_key: k  # own\n"
