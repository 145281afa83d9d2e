"""Functions with a known minimum. Each takes an array of floats, one an input.

Sources: Surjanovic, Bingham, "Virtual library of simulation experiments" (2013), where a function
names no other.
"""

import numpy as np


def wave(x: np.ndarray) -> float:
    """Return the function of the reference page, sin(5x)(1 - tanh(x²))."""
    return float(np.sin(5 * x[0]) * (1 - np.tanh(x[0] ** 2)))


def branin(x: np.ndarray) -> float:
    """Return Branin's function of the first two inputs; others do not matter."""
    a, b = x[0], x[1]
    valley = b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6
    return float(valley**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10)


_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
_A3 = np.array([[3.0, 10, 30], [0.1, 10, 35], [3.0, 10, 30], [0.1, 10, 35]])
_P3 = 1e-4 * np.array(
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
)
_A6 = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_P6 = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann3(x: np.ndarray) -> float:
    """Return Hartmann's function of three inputs in [0, 1]."""
    return float(-_ALPHA @ np.exp(-np.sum(_A3 * (x - _P3) ** 2, axis=1)))


def hartmann6(x: np.ndarray) -> float:
    """Return Hartmann's function of six inputs in [0, 1]."""
    return float(-_ALPHA @ np.exp(-np.sum(_A6 * (x - _P6) ** 2, axis=1)))


ACKLEY_OPTIMUM = 32.768 * (2 * np.array([0.35, 0.62, 0.48, 0.71, 0.27]) - 1)


def ackley(x: np.ndarray) -> float:
    """Return Ackley's function of five inputs, with its optimum off the centre."""
    z = x - ACKLEY_OPTIMUM
    bowl = -20 * np.exp(-0.2 * np.sqrt(np.mean(z**2)))
    return float(bowl - np.exp(np.mean(np.cos(2 * np.pi * z))) + 20 + np.e)


def rosenbrock(x: np.ndarray) -> float:
    """Return Rosenbrock's function: a curved valley down to (1, 1, …)."""
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def levy(x: np.ndarray) -> float:
    """Return Levy's function, with its optimum at (1, 1, …)."""
    w = 1 + (x - 1) / 4
    middle = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2))
    last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
    return float(np.sin(np.pi * w[0]) ** 2 + middle + last)


def rastrigin(x: np.ndarray) -> float:
    """Return Rastrigin's function of three inputs, with its optimum off the centre."""
    z = x - np.array([0.7, -1.3, 2.1])
    return float(10 * len(z) + np.sum(z**2 - 10 * np.cos(2 * np.pi * z)))


def michalewicz(x: np.ndarray) -> float:
    """Return Michalewicz's function of steep narrow valleys (m = 10)."""
    i = np.arange(1, len(x) + 1)
    return float(-np.sum(np.sin(x) * np.sin(i * x**2 / np.pi) ** 20))


def camel(x: np.ndarray) -> float:
    """Return the six-hump camel back of two inputs."""
    a, b = x
    return float((4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + (4 * b**2 - 4) * b**2)


def styblinski_tang(x: np.ndarray) -> float:
    """Return the function of Styblinski and Tang."""
    return float(np.sum(x**4 - 16 * x**2 + 5 * x) / 2)


def griewank(x: np.ndarray) -> float:
    """Return Griewank's function of four inputs, with its optimum off the centre."""
    z = x - np.array([12.0, -7.0, 21.0, -16.0])
    ripples = np.prod(np.cos(z / np.sqrt(np.arange(1, len(z) + 1))))
    return float(np.sum(z**2) / 4000 - ripples + 1)


_SHEKEL_C = np.array(
    [
        [4, 1, 8, 6, 3, 2, 5, 8, 6, 7],
        [4, 1, 8, 6, 7, 9, 3, 1, 2, 3.6],
        [4, 1, 8, 6, 3, 2, 5, 8, 6, 7],
        [4, 1, 8, 6, 7, 9, 3, 1, 2, 3.6],
    ]
)
_SHEKEL_BETA = 0.1 * np.array([1, 2, 2, 4, 4, 6, 3, 7, 5, 5])


def shekel(x: np.ndarray) -> float:
    """Return Shekel's function of four inputs: ten holes in a plain."""
    return float(-np.sum(1 / (np.sum((x[:, None] - _SHEKEL_C) ** 2, axis=0) + _SHEKEL_BETA)))


def goldstein_price(x: np.ndarray) -> float:
    """Return the logarithm of Goldstein's and Price's function of two inputs."""
    a, b = x
    first = 19 - 14 * a + 3 * a**2 - 14 * b + 6 * a * b + 3 * b**2
    second = 18 - 32 * a + 12 * a**2 + 48 * b - 36 * a * b + 27 * b**2
    product = (1 + (a + b + 1) ** 2 * first) * (30 + (2 * a - 3 * b) ** 2 * second)
    return float(np.log(product))
