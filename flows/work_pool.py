"""The work pools that Tunesmith makes: in them a firing sets nothing of how its process runs.

Prefect keeps no list of who may set what. In a pool as it makes one itself, whoever fires a
deployment may give another command, other variables and another folder along.
"""

from typing import Any

from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectAlreadyExists

from tunesmith.tasks.retrying_client import patient_client

POOL = "tunesmith"
"""The work pool, of processes, that ``tunesmith serve`` works for."""
DESCRIPTION = "Made by Tunesmith: what a run of a deployment may not set is fixed here."
TEMPLATE: dict[str, Any] = {
    # neither command nor env nor working_dir: Prefect adds the variables of a run to an env
    # that stands here, even if it is empty
    "job_configuration": {"stream_output": True},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}


def ensure_pool(name: str) -> None:
    """Make a work pool of processes, unless there is one of that name.

    The one that earlier versions have made gets what was missing; one that somebody has changed,
    or has made under another name, stays as it is.
    """
    with patient_client() as client:
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


def _is_unchanged(pool: WorkPool) -> bool:
    """Return whether a pool of processes is as Prefect makes one where nobody says anything."""
    from prefect.workers.process import ProcessWorker  # half a second, and seldom needed

    found, usual = pool.base_job_template, ProcessWorker.get_default_base_job_template()
    return pool.type == "process" and (not found or _defaults(found) == _defaults(usual))


def _defaults(template: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what counts in a template, whose descriptions change with Prefect's versions."""
    variables = template.get("variables", {}).get("properties", {})
    return (
        template.get("job_configuration", {}),
        {name: known.get("default") for name, known in variables.items()},
    )
