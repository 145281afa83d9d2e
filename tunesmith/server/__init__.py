"""The shared Prefect server: found, started, kept, guarded. Loading it imports no Prefect."""
