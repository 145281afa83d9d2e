"""The page on which a Prefect server shows the flow run of a batch."""

from collections.abc import Mapping

from tunesmith.errors import NotFoundError
from tunesmith.server.configured import post
from tunesmith.trial import short_id

BATCH_TAG = "batch:"
"""What the tag of a flow run begins with that names its batch."""
_CLOUD = (
    ("https://api.prefect.cloud/api", "https://app.prefect.cloud"),
    ("/accounts/", "/account/"),
    ("/workspaces/", "/workspace/"),
)
"""How the addresses of Prefect Cloud's pages differ from those of its API."""


def find_page(api_url: str, settings: Mapping[str, str], batch: str) -> str:
    """Return the path of the page of a batch's latest flow run.

    Args:
        api_url: The server's API.
        settings: What is set for Prefect, by which the request logs in.
        batch: The batch's id.

    Raises:
        NotFoundError: The server knows none.
        ServerError: It does not answer.
    """
    tag, short = f"{BATCH_TAG}{batch}", short_id(batch)
    found = post(
        api_url,
        "/flow_runs/filter",
        {
            # before flow runs had the tag, their names alone told the batch
            "flow_runs": {
                "operator": "or_",
                "tags": {"all_": [tag]},
                "name": {"like_": short},
            },
            "sort": "START_TIME_DESC",
        },
        settings,
    )
    for run in found:
        if tag in run["tags"] or run["name"].startswith(short):
            return f"/runs/flow-run/{run['id']}"
    raise NotFoundError(
        f"the Prefect server at {api_url} has no flow run of batch {short}: it ran on another "
        "server, or its flow run was deleted"
    )


def ui_url(api_url: str, settings: Mapping[str, str]) -> str:
    """Return the address of the pages of a configured server.

    Args:
        api_url: Its API.
        settings: What is set for Prefect.
    """
    if configured := settings.get("PREFECT_UI_URL"):
        return configured.rstrip("/")
    if not api_url.startswith(_CLOUD[0][0]):
        return api_url.rstrip("/").removesuffix("/api")
    for theirs, shown in _CLOUD:
        api_url = api_url.replace(theirs, shown, 1)
    return api_url.rstrip("/")
