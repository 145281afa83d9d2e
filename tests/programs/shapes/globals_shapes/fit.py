LEARNING_RATE = 2e-2
BATCH = 4 * 6
SIZE = 2**9
UNITS = (8, 8)
WIDTHS = [8, 8]
decay, rounds = 0.5, 2
params = {"lr": 0.02, "depth": 2}
SOLVER = "sgd"
FAST = True
SHIFT = -2
SEED = None
if True:
    inner = 4
loss = (LEARNING_RATE - 0.3) ** 2 + SHIFT
print("Epoch 1, Loss = %.6f" % loss)
print("val_acc 0.75")
print("loss=%.6f" % loss)
print("Final loss", loss)
print(f"batch_made: {BATCH}")
print(f"depth_made: {params['depth']}")
