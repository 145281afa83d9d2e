def parabola(x):
    return (x - 0.3) ** 2
