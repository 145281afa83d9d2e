"""How long the shared server keeps flow runs and events, which Prefect then deletes.

No result depends on them: those are in the stores.
"""

from collections.abc import Mapping

from tunesmith.errors import UsageError

VARIABLE = "TUNESMITH_SERVER_DAYS"
"""The environment variable that a server reads when it starts."""
DEFAULT_DAYS = 30
EVENT_DAYS = 7
"""Prefect's default; they are two thirds of a database, and no page of a batch shows old ones."""
_DAY_S = 86400
MAX_DAYS = 36500


def days_kept(environ: Mapping[str, str]) -> int | None:
    """Return for how many days after its end a flow run is kept; None for ever.

    Raises:
        UsageError: The variable is no number of days.
    """
    text = environ.get(VARIABLE, "").strip()
    if not text:
        return DEFAULT_DAYS
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_DAYS):
        raise UsageError(
            f"{VARIABLE} is {text!r}: write a number of days up to {MAX_DAYS}, or 0 to keep "
            "all flow runs"
        )
    return int(text) or None


def retention_settings(days: int | None) -> dict[str, str]:
    """Return Prefect's settings by which its server deletes what is older.

    Args:
        days: As ``days_kept`` returned it.
    """
    if days is None:
        return {"PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events"}
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(days * _DAY_S),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{min(days, EVENT_DAYS)}D",  # ISO 8601
    }
