"""Work pools in which a run of a deployment cannot change how its process is started.

In a pool of Prefect's own making, whoever runs a deployment may pass another command, other
environment variables and another folder, since Prefect does not restrict job variables by user.
"""

from collections.abc import Iterable
from typing import Any

from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from tunesmith.errors import NotFoundError, SpecificationError
from tunesmith.tasks.retrying_client import retrying_client

POOL = "tunesmith"
"""The work pool, of processes, that ``tunesmith serve`` works for."""
DESCRIPTION = "Made by Tunesmith: runs of a deployment cannot change how their process starts."
TEMPLATE: dict[str, Any] = {
    # no command, env or working_dir: if env is there, even empty, Prefect adds a run's variables
    "job_configuration": {"stream_output": True},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}


def ensure_pool(name: str) -> None:
    """Create a work pool of processes, unless there is one of that name.

    The pool that an earlier version created is updated; one that somebody has changed, or created
    under another name, stays as it is.
    """
    with retrying_client() as client:
        try:
            client.create_work_pool(
                WorkPoolCreate(
                    name=name, type="process", description=DESCRIPTION, base_job_template=TEMPLATE
                )
            )
        except ObjectAlreadyExists:
            if name == POOL and _is_unchanged(client.read_work_pool(name)):
                update = WorkPoolUpdate(description=DESCRIPTION, base_job_template=TEMPLATE)
                client.update_work_pool(name, update)


def check_job_variables(pool: str, names: Iterable[str]) -> None:
    """Check that a work pool takes some job variables.

    Args:
        pool: The name of the work pool.
        names: Those that a deployment is to set.

    Raises:
        NotFoundError: There is no such pool.
        SpecificationError: It does not take one of them.
    """
    with retrying_client() as client:
        try:
            found = client.read_work_pool(pool)
        except ObjectNotFound as error:
            raise NotFoundError(
                f"there is no work pool {pool!r}: create it first, as in prefect work-pool create "
                f"{pool} --type docker"
            ) from error
    known = found.base_job_template.get("variables", {}).get("properties", {})
    for name in names:
        if name not in known:
            has = f"it takes {', '.join(known)}" if known else "it takes none"
            raise SpecificationError(
                f"the work pool {pool} (of type {found.type}) has no job variable {name!r}: {has}"
            )


def _is_unchanged(pool: WorkPool) -> bool:
    """Return whether a pool of processes has the template that Prefect creates by default."""
    from prefect.workers.process import ProcessWorker  # half a second, and seldom needed

    found, usual = pool.base_job_template, ProcessWorker.get_default_base_job_template()
    return pool.type == "process" and (not found or _defaults(found) == _defaults(usual))


def _defaults(template: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what matters of a template, whose descriptions change with Prefect's versions."""
    variables = template.get("variables", {}).get("properties", {})
    return (
        template.get("job_configuration", {}),
        {name: known.get("default") for name, known in variables.items()},
    )
