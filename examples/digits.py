"""Classify scikit-learn's handwritten digits with a support vector machine."""

import argparse

from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float, default=1.0, help="penalty of an error")
parser.add_argument("--gamma", type=float, default=0.01, help="width of the kernel")
parser.add_argument("--kernel", choices=["rbf", "poly", "sigmoid"], default="rbf")
parser.add_argument("--degree", type=int, default=3, help="degree of a polynomial kernel")
parser.add_argument("--scale", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--images", type=int, default=600, help="images to learn from")


def main() -> None:
    """Print the accuracy of each fold as a step, then the mean of all."""
    args = parser.parse_args()
    images, digits = load_digits(return_X_y=True)
    model = SVC(C=args.C, gamma=args.gamma, kernel=args.kernel, degree=args.degree)
    if args.scale:
        model = make_pipeline(StandardScaler(), model)
    folds = cross_val_score(model, images[: args.images], digits[: args.images], cv=3)
    for step, accuracy in enumerate(folds, start=1):
        print(f"fold_accuracy: {accuracy:.4f} (step {step})")
    print(f"accuracy: {folds.mean():.4f}")


if __name__ == "__main__":
    main()
