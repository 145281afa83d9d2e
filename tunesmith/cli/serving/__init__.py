"""Commands for the Prefect server, deployments and workers."""
