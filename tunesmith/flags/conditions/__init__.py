"""The language of conditions on named values, as ``loss < 0.5 and kernel == "poly"``.

Pure. It knows no runs: who parses a condition says what a name means, and who asks whether it
holds says which value each has. ``--filter`` reads runs with it, ``if`` the flags of a trial.
"""
