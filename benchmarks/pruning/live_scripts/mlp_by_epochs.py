"""A network of scikit-learn, trained by epochs: it prints its validation loss after each."""

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.001)
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--alpha", type=float, default=1e-4)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--epochs", type=int, default=40)
args = parser.parse_args()

X, y = load_digits(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X / 16, y, test_size=0.3, random_state=0)
model = MLPClassifier(
    hidden_layer_sizes=(args.width, args.width),
    learning_rate_init=args.lr,
    alpha=args.alpha,
    batch_size=args.batch,
    random_state=0,
)
for epoch in range(1, args.epochs + 1):
    model.partial_fit(X_train, y_train, classes=np.unique(y))
    loss = log_loss(y_val, model.predict_proba(X_val))
    print(f"Epoch {epoch}/{args.epochs} - val_loss: {loss:.5f}", flush=True)
