"""The process of the shared Prefect server: what ``prefect server start`` runs, guarded.

Run as ``python -m tunesmith.server.guarded_server``; its settings come from the environment,
since every user of the machine can read a command line.
"""

import sys

import uvicorn
from prefect.server.api.server import create_app
from prefect.settings import get_current_settings

from tunesmith.executor.child import die_with_parent
from tunesmith.server.guarded_app import GuardedApp
from tunesmith.server.login import Nonces, login_app

HOST = "127.0.0.1"


def main() -> int:
    """Serve until a signal ends it, and return the exit code.

    Raises:
        SystemExit: No secret is set; without one Prefect would answer everybody.
    """
    die_with_parent()  # a killed supervisor would leave a server that nobody stops
    settings = get_current_settings().server
    told = settings.api.auth_string
    secret = "" if told is None else told.get_secret_value()
    if not secret:
        raise SystemExit("PREFECT_SERVER_API_AUTH_STRING is not set: start it by the supervisor")
    uvicorn.run(
        GuardedApp(create_app(final=True), login_app(secret, Nonces())),
        host=HOST,
        port=settings.api.port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
