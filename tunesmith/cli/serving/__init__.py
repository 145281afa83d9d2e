"""Commands that keep running: the Prefect server, deployments, workers."""
