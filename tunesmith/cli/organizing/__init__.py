"""Commands that change, move or stop runs: stop, label, tag, delete, export, import."""
