"""What the program says: numbers and codes, nothing a customer wrote."""


def log(text):
    print(text, flush=True)
