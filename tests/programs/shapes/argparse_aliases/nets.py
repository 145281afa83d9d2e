def narrow():
    pass


def wide():
    pass
