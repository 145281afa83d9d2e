"""``tunesmith run``: new batches, restarts, single runs, and what is shown of them."""
