"""What reaches a search from outside of the process that runs it: ask and tell."""
