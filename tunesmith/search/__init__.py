"""Search: the space of flags, and the optimizers that propose points of it.

Pure: a proposal is a function of the recorded trials, the pending ones and the seed. No file,
clock, environment or global random state.
"""
