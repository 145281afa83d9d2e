import sys
from ast import literal_eval

for word in sys.argv[1:]:
    if "=" in word:
        name, _, text = word.removeprefix("--").partition("=")
        if name not in globals():
            raise ValueError(f"no setting {name}")
        try:
            found = literal_eval(text)
        except (SyntaxError, ValueError):
            found = text
        assert type(found) is type(globals()[name])
        print(f"Setting: {name} = {found}")
        globals()[name] = found
    else:
        exec(open(word).read())
