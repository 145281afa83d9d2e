import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("room", ["flows", "tasks", "storage"])
def test_the_links_for_tools_lead_to_the_rooms(room: str) -> None:
    link = ROOT / "tunesmith" / room
    assert link.is_symlink()
    assert link.readlink() == Path("..") / room


def test_the_lock_holds_names_and_versions_only() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", pin) for pin in pins)


def test_the_locked_fastapi_is_one_with_which_the_server_starts() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    fastapi = re.search(r"^fastapi==0\.(\d+)\.", lock, re.MULTILINE)
    assert fastapi is not None
    assert int(fastapi[1]) < 151


def test_the_locked_sqlalchemy_is_one_with_which_the_server_schedules() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    version = re.search(r"^SQLAlchemy==2\.(\d+)\.", lock, re.MULTILINE | re.IGNORECASE)
    assert version is not None
    assert int(version[1]) == 0


def test_the_changelog_names_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_readmes_two_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.server
@pytest.mark.parametrize("library", ["pandas", "duckdb", "polars"])
def test_the_store_is_read_as_its_page_says(
    served_project: Any, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    served_project.succeed("run", "quick.py", "x=[1,2]", "-yq")
    served_project.succeed("run", "quick.py", "x=[1.5,2.5]", "-yq")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "store.md").read_text(), re.S)
    block = next(block for block in blocks if f"import {library}" in block or library in block)
    monkeypatch.chdir(served_project.path)
    names: dict[str, Any] = {}
    exec(block, names)
    assert len(names["runs"]) == 4
