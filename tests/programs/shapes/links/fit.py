lr = 0.2
print(f"loss: {len(open('data/points.bin').read()) + lr}")
