import argparse
def read():
    return argparse.ArgumentParser().parse_args()
if __name__ == "__main__":
    read()
