import configparser

settings = configparser.ConfigParser()
settings.read("fit.ini")
rate = settings.getfloat("fit", "lr")
print(f"loss: {(rate - 0.3) ** 2}")
