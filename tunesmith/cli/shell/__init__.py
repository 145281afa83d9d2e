"""What a shell asks of the command line: completion."""
