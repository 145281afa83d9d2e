"""Pruning: the rules that stop trials early, and what prepares curves for them.

Pure, as all of search: a decision is a function of the recorded curves and a rule's settings. The
executor asks ``judging.py`` as points are printed; ``replay.py`` asks it of recorded curves.
"""
