lr = 0.2
print(f"loss: {lr}")
