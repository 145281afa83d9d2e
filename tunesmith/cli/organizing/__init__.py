"""Commands that change what is kept of runs: stop, label, tag, delete, export, import."""
