import helper
learning_rate = 0.1
batch = 32
print(learning_rate, batch)
raise SystemExit("trained")
