"""A loop as PyTorch's examples have it: a bar that overwrites itself, a line after each epoch."""

import sys

import numpy as np

lr = 0.1
momentum = 0.9
width = 32
decay = 1e-4
epochs = 40
batch_size = 32

rng = np.random.default_rng(0)
X = rng.normal(size=(26000, 20))
wave = np.sin(2 * X[:, :1] * X[:, 1:2]) + X[:, 2:3] ** 2 / 2 + np.abs(X[:, 3:4])
y = wave + 0.3 * rng.normal(size=wave.shape)
train, val = slice(0, 20000), slice(20000, 26000)
weights = [
    rng.normal(size=(20, width)) / np.sqrt(20),
    np.zeros(width),
    rng.normal(size=(width, 1)) / np.sqrt(width),
    np.full(1, y[train].mean()),
]
velocity = [np.zeros_like(one) for one in weights]
n_batches = 20000 // batch_size


def forward(inputs):
    hidden = np.maximum(inputs @ weights[0] + weights[1], 0.0)
    return hidden, hidden @ weights[2] + weights[3]


def loss_of(part):
    return float(np.mean((forward(X[part])[1] - y[part]) ** 2))


for epoch in range(epochs):
    order = rng.permutation(20000)
    for step in range(n_batches):
        chosen = order[step * batch_size : (step + 1) * batch_size]
        hidden, predicted = forward(X[chosen])
        error = 2 * (predicted - y[chosen]) / batch_size
        back = error @ weights[2].T * (hidden > 0)
        gradients = [X[chosen].T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
        for k, gradient in enumerate(gradients):
            velocity[k] = momentum * velocity[k] - lr * (gradient + decay * weights[k])
            weights[k] = weights[k] + velocity[k]
        if step % 100 == 0:
            done = "#" * (20 * step // n_batches)
            sys.stdout.write(
                f"\rTraining: |{done:20}| {step}/{n_batches} loss={loss_of(chosen):.4f}"
            )
            sys.stdout.flush()
    sys.stdout.write("\r")
    print(
        f"Epoch: {epoch} train loss: {loss_of(train):.4f} val loss: {loss_of(val):.4f}", flush=True
    )
