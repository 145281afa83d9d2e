"""Shell completion of the command line."""
