import sys

alpha = float(sys.argv[1]) if len(sys.argv) > 1 else 0.4
share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.4
error = (alpha - 0.3) ** 2 + abs(share - 0.4)
print(f"Elastic (alpha={alpha:f}, share={share:f}):")
print("  RMSE: %s" % error)
print("  MAE: %s" % (2 * error))
