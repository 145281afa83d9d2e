"""Running the script: one child process for one attempt of one trial."""
