defaults = dict(lr=0.02, rounds=2)
