from sklearn import neighbors


def main():
    points = [[-2.0], [-1.0], [-0.5], [0.1], [0.5], [1.0]]
    kinds = [0, 0, 1, 1, 0, 1]
    model = neighbors.KNeighborsClassifier(n_neighbors=3, p=2)
    model.fit(points, kinds)
    print(f"Accuracy: {model.score(points, kinds):.3f}")


main()
