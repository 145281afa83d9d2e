def fit(lr=0.02, rounds=2):
    print(f"loss: {(lr - 0.3) ** 2}")


if __name__ == "__main__":
    batch_size = 16
    fit()
