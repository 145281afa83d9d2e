"""A loop as PyTorch's examples have it: a bar that overwrites itself, a line after each epoch."""

import sys

import numpy as np

lr = 0.1
momentum = 0.9
decay = 1e-4
epochs = 40
batch_size = 32

rng = np.random.default_rng(0)
X = rng.normal(size=(24000, 60))
truth = rng.normal(size=60)
y = (X @ truth + 4 * rng.normal(size=24000) > 0).astype(float)
train, val = slice(0, 20000), slice(20000, 24000)
weights, velocity = np.zeros(60), np.zeros(60)
n_batches = 20000 // batch_size


def loss_of(part):
    logits = X[part] @ weights
    return float(np.mean(np.logaddexp(0, logits) - y[part] * logits))


for epoch in range(epochs):
    order = rng.permutation(20000)
    for step in range(n_batches):
        chosen = order[step * batch_size : (step + 1) * batch_size]
        predicted = 1 / (1 + np.exp(-np.clip(X[chosen] @ weights, -500, 500)))
        gradient = X[chosen].T @ (predicted - y[chosen]) / batch_size + decay * weights
        velocity = momentum * velocity - lr * gradient
        weights = weights + velocity
        if step % 100 == 0:
            done = "#" * (20 * step // n_batches)
            sys.stdout.write(
                f"\rTraining: |{done:20}| {step}/{n_batches} loss={loss_of(train):.4f}"
            )
            sys.stdout.flush()
    sys.stdout.write("\r")
    print(
        f"Epoch: {epoch} train loss: {loss_of(train):.4f} val loss: {loss_of(val):.4f}", flush=True
    )
