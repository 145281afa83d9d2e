"""Archives that were made to do harm, imported by the command as a user types it.

Of each kind there is one archive; ``tests/storage/test_archive.py`` tries the variants. However an
import ends, it wrote nothing outside of its store, and the user's script runs as it stands.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project, new_project

ROOT = "tunesmith-export"
SCRIPT = "x = 0.1\nprint('loss:', x)\n"
EVIL = "open({marker!r}, 'a').write('ran')\nx = 0.1\nprint('loss: 7')\n"
MIB = 2**20
Change = Callable[[Path], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """An archive of one good run that was changed, and what its import says."""

    id: str
    says: str
    """A part of the line that is said."""
    change: Change | None = None
    """What becomes of the unpacked archive."""
    members: tuple[tuple[tarfile.TarInfo, bytes], ...] = ()
    """What is added to the archive as it is packed."""
    options: tuple[str, ...] = ()
    is_taken: bool = False
    """Whether the run is imported all the same."""


def _member(name: str, data: bytes = b"evil", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = 0 if "type" in fields else len(data)
    for field_name, value in fields.items():
        setattr(member, field_name, value)
    return member, b"" if "type" in fields else data


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Any:
    return _member(f"{ROOT}/{name}", type=kind, linkname=target)


def _specification(**changes: Any) -> Change:
    def change(root: Path) -> None:
        (path,) = (root / "batches").glob("*.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


def _text(old: str, new: str) -> Change:
    """Return a change of the specification's text; everything of it for an empty one."""

    def change(root: Path) -> None:
        (path,) = (root / "batches").glob("*.json")
        text = path.read_text()
        changed = text.replace(old, new) if old else new
        assert changed != text
        path.write_text(changed)

    return change


def _digest_through_a_link(root: Path) -> None:
    """Name a folder outside of the store as the source, by way of a link within the archive."""
    _specification(source_digest="s/../../../numpy")(root)
    (root / "source/a/b/c").mkdir(parents=True)
    (root / "source/s").symlink_to("a/b/c")
    (root / "source/numpy").mkdir()
    (root / "source/numpy/__init__.py").write_text("raise SystemExit('a module of the archive')\n")


def _other_source(root: Path) -> None:
    (folder,) = (root / "source").iterdir()
    (folder / "train.py").write_text(EVIL.format(marker="/dev/null"))


def _many_edits(root: Path) -> None:
    for number in range(5_000):
        (root / "edits" / f"x{number}.json").write_text("{}")


NO_PART = "which is no part of a store"
DAMAGED = "is damaged"
ATTACKS = [
    Attack(id="path_upwards", says=NO_PART, members=(_member(f"{ROOT}/../../evil.txt"),)),
    Attack(id="absolute_path", says=NO_PART, members=(_member("/tmp/tunesmith_evil.txt"),)),
    Attack(
        id="link_outwards",
        says=NO_PART,
        members=(_link("trials/l", "/tmp"), _member(f"{ROOT}/trials/l/evil.txt")),
    ),
    Attack(
        id="relative_link_outwards",
        says=NO_PART,
        members=(_link("trials/l", "../../../../.."), _member(f"{ROOT}/trials/l/evil.txt")),
    ),
    Attack(
        id="hard_link", says=NO_PART, members=(_link("trials/h", "/etc/passwd", tarfile.LNKTYPE),)
    ),
    Attack(
        id="device",
        says=NO_PART,
        members=(_member(f"{ROOT}/trials/d", type=tarfile.CHRTYPE, devmajor=1, devminor=5),),
    ),
    Attack(id="pipe", says=NO_PART, members=(_member(f"{ROOT}/trials/p", type=tarfile.FIFOTYPE),)),
    Attack(id="same_file_twice", says="twice", members=(_member(f"{ROOT}/STORE.json"),)),
    Attack(id="file_for_a_folder", says="twice", members=(_member(f"{ROOT}/runs"),)),
    Attack(
        id="name_that_controls_a_terminal",
        says=r"'x\n\x1b[31mred\x1b]0;title\x07'",
        members=(_member("x\n\x1b[31mred\x1b]0;title\x07"),),
    ),
    Attack(id="long_name", says="too long", members=(_member(f"{ROOT}/trials/{'n' * 300}"),)),
    Attack(
        id="deep",
        says="--max-depth",
        members=(_member(f"{ROOT}/trials/{'/'.join('d' * 2000)}"),),
    ),
    Attack(
        id="bomb",
        says="--max-size",
        members=(_member(f"{ROOT}/trials/zeros", bytes(8 * MIB)),),
        options=("--max-size", "4MB"),
    ),
    Attack(id="other_source", says="was changed after it was written", change=_other_source),
    Attack(
        id="digest_through_a_link",
        says="was changed after it was written",
        change=_digest_through_a_link,
    ),
    Attack(
        id="digest_upwards",
        says="source_digest is",
        change=_specification(source_digest="../../../../secret"),
        is_taken=True,
    ),
    Attack(
        id="digest_of_a_system_folder",
        says="source_digest is",
        change=_specification(source_digest="/etc"),
        is_taken=True,
    ),
    Attack(id="deep_json", says=DAMAGED, change=_text("", "[" * 200_000), is_taken=True),
    Attack(
        id="huge_number",
        says=DAMAGED,
        change=_text('"seed": ', '"seed": ' + "9" * 5_000),
        is_taken=True,
    ),
    Attack(
        id="other_types",
        says=DAMAGED,
        change=_specification(script=["a"], label={"a": 1}, tags=5, n_trials="many"),
        is_taken=True,
    ),
    Attack(id="many_edits", says="Imported 1 run", change=_many_edits, is_taken=True),
    Attack(
        id="special_modes",
        says="Imported 1 run",
        members=(_member(f"{ROOT}/trials/{'ab' * 16}/s", mode=0o6777),),
        is_taken=True,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """An archive as the command wrote it, unpacked."""

    folder: Path
    place: Path = field(repr=False)

    def packed(self, attack: Attack, path: Path) -> None:
        """Write the archive of an attack."""
        folder = path.with_name("unpacked")
        shutil.copytree(self.folder, folder, symlinks=True)
        if attack.change is not None:
            attack.change(folder)
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, arcname=ROOT)
            for member, data in attack.members:
                archive.addfile(member, io.BytesIO(data))
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Good]:
    """An archive of one run."""
    place = tmp_path_factory.mktemp("theirs")
    theirs = new_project(place, data=place / "data")
    theirs.write("train.py", SCRIPT)
    theirs.succeed("run", "train.py", "-y")
    theirs.succeed("export", "-o", "good.tar.gz")
    with tarfile.open(theirs.path / "good.tar.gz") as archive:
        archive.extractall(place / "unpacked", filter="data")
    yield Good(folder=place / "unpacked" / ROOT, place=place)
    theirs.end()


def _outside(project: Project) -> set[Path]:
    """Return everything around a store, links not followed."""
    found = project.path.parent.rglob("*")
    return {path for path in found if not path.is_relative_to(project.home)}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_an_archive_writes_and_runs_nothing_outside_of_its_store(
    project: Project, good: Good, attack: Attack
) -> None:
    project.write("train.py", SCRIPT)
    archive = project.path / "theirs.tar.gz"
    good.packed(attack, archive)
    before = _outside(project)

    done = project.run("import", "theirs.tar.gz", *attack.options)

    said = done.stderr.splitlines()
    assert done.returncode == (0 if attack.is_taken else 1), done.stderr
    assert attack.says in said[0]
    assert said[-1].startswith("Imported 1 run" if attack.is_taken else "error: ")
    assert len(said) <= 1 + attack.is_taken
    assert done.stderr.replace("\n", "").isprintable()
    assert _outside(project) == before
    assert not Path("/tmp/tunesmith_evil.txt").exists()
    assert not [path for path in project.home.rglob("*") if path.is_symlink()]
    assert len(list(project.home.glob("batches/*.json"))) == int(attack.is_taken)
    if attack.is_taken:
        (run,) = json.loads(project.succeed("runs", "--json"))
        assert run["objective"] == 0.1
        assert project.succeed("run", "train.py", "-y") == "loss: 0.1\n"


@pytest.mark.server
def test_a_restart_takes_neither_programs_nor_paths_of_the_other_machine(
    served_project: Project, tmp_path: Path
) -> None:
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    served_project.write("train.py", SCRIPT)
    batch = served_project.succeed("run", "train.py", "x=[1,2]", "-y", "-q").strip()
    served_project.succeed("export", "-o", "good.tar.gz")
    with tarfile.open(served_project.path / "good.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    _ask_for_more(tmp_path / ROOT, python=str(program), links=["/etc", "../../.."])
    with tarfile.open(served_project.path / "theirs.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / ROOT, arcname=ROOT)
    there = ("--home", str(tmp_path / "there"))
    served_project.succeed("import", "theirs.tar.gz", *there)

    done = served_project.run("run", "--restart", batch, "-y", *there)

    assert done.returncode == 0, done.stderr
    assert "runs imported code (from theirs.tar.gz" in done.stderr
    assert f"left out: --python {program} --link /etc --link ../../.." in done.stderr
    assert "3 in all, 3 completed" in done.stderr + done.stdout
    assert not (tmp_path / "ran").exists()
    folders = (tmp_path / "there" / ".tunesmith" / "trials").rglob("*")
    assert not [path for path in folders if path.is_symlink()]


def _ask_for_more(root: Path, **execution: Any) -> None:
    """Let the specification of an archive ask for a third trial, and for what is not its own."""
    (path,) = (one for one in (root / "batches").glob("*.json") if ".end." not in one.name)
    fields = json.loads(path.read_text())
    fields["execution"] |= execution
    fields |= {
        "n_trials": 3,
        "project": "/",
        "script": fields["script"],
        "label": "<script>\x1b[31m\x07",
        "settings": {**fields["settings"], "x": {"values": [1, 2, 3], "text": "[1,2,3]"}},
    }
    path.write_text(json.dumps(fields))
