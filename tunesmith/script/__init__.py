"""A user's script: its flags, its copy with other values, its arguments, its output."""
