"""The files of deployments/, by their parts: there is no builder and no service manager here."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tunesmith.cli.main import COMMANDS
from tunesmith.errors import SpecificationError
from tunesmith.flows.deployments import Schedule
from tunesmith.flows.scheduled import sweep
from tunesmith.flows.work_pool import POOL

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = ROOT / "deployments"
UNITS = sorted((DEPLOYMENTS / "systemd").glob("*.service"))


def _deployments() -> list[dict[str, object]]:
    found: list[dict[str, object]] = yaml.safe_load((DEPLOYMENTS / "prefect.yaml").read_text())[
        "deployments"
    ]
    return found


@pytest.mark.parametrize("one", _deployments(), ids=lambda one: one["name"])
def test_an_example_has_parameters_that_the_flow_takes(one: dict[str, object]) -> None:
    parameters = one["parameters"]
    assert isinstance(parameters, dict)

    validated = sweep.validate_parameters(dict(parameters))

    assert one["entrypoint"] == f"{sweep.__module__}.{sweep.fn.__name__}"
    assert one["work_pool"] == {"name": POOL}
    assert validated["script"] == "train.py"


@pytest.mark.parametrize("one", _deployments(), ids=lambda one: one["name"])
def test_an_example_has_a_schedule_that_can_be_read(one: dict[str, object]) -> None:
    schedules = one.get("schedules", [])
    assert isinstance(schedules, list)

    for schedule in schedules:
        read = Schedule(cron=schedule.get("cron"), interval_s=schedule.get("interval"))
        assert read.to_prefect() is not None


class Unit(configparser.ConfigParser):
    """A unit of systemd, whose names are written with capitals."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_calls_a_command_that_is_there(path: Path) -> None:
    unit = Unit(interpolation=None, strict=True)
    unit.read(path)

    program, command, *_ = shlex.split(unit["Service"]["ExecStart"])
    assert program == "%h/.local/bin/tunesmith"
    assert any(command in commands for commands in COMMANDS.values())
    assert unit["Install"]["WantedBy"] == "default.target"


def test_a_unit_requires_one_that_is_there() -> None:
    names = {path.name for path in UNITS}
    required = re.findall(r"^Requires=(.*)$", "".join(p.read_text() for p in UNITS), re.MULTILINE)

    assert required
    assert set(required) <= names


def test_the_container_installs_what_is_copied_and_is_no_superuser() -> None:
    lines = (DEPLOYMENTS / "Dockerfile").read_text().splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    names = [step[0] for step in steps]

    assert names[0] == "FROM"
    assert names.index("COPY") < next(i for i, s in enumerate(steps) if "pip install" in s[1])
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(steps[-2:]) == {"ENTRYPOINT": '["tunesmith"]', "CMD": '["serve"]'}
    assert (ROOT / "requirements.lock").is_file()


@pytest.mark.parametrize(
    "options",
    [
        {"cron": "soon"},
        {"rrule": "FREQ=NEVER"},
        {"cron": "0 3 * * *", "interval_s": 5.0},
        {"cron": "soon", "timezone": "UTC"},
    ],
    ids=str,
)
def test_a_schedule_that_cannot_be_meant_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SpecificationError):
        Schedule(**options)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Mars/Phobos", "no time zone 'Mars/Phobos'"),
        ("Europe/Zurick", r"Did you mean Europe/Zurich"),
        ("zurich", r"Did you mean Europe/Zurich"),
        ("america/new york", r"Did you mean America/New_York"),
        ("Europe", "no time zone 'Europe'"),
        ("../etc", "no time zone"),
    ],
)
@pytest.mark.parametrize("schedule", [{"cron": "0 3 * * *"}, {"rrule": "FREQ=DAILY"}, {}], ids=str)
def test_a_time_zone_that_there_is_not_is_named_with_a_near_one(
    zone: str, words: str, schedule: dict[str, Any]
) -> None:
    with pytest.raises(SpecificationError, match=words) as caught:
        Schedule(timezone=zone, **schedule)
    assert "the schedule" not in str(caught.value)
