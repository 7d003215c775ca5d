"""A node that fails in the way that the parameter `fault` names."""

import asyncio

from kedro.io import DatasetError


class Outer:
    class InnerError(Exception):
        """An exception with a nested name."""


class BareError(BaseException):
    """Not a subclass of Exception."""


class TextlessError(Exception):
    def __str__(self):
        raise RuntimeError("this exception has no text")


class MultilineError(Exception):
    def __str__(self):
        return "first line\nsecond line\ttabbed"


def chained():
    try:
        {}["missing"]
    except KeyError as cause:
        raise Outer.InnerError("while looking") from cause


def raising(error):
    raise error


def local_class():
    class LocalError(ValueError):
        pass

    raise LocalError("of a class inside a function")


def recurse(depth=0):
    return recurse(depth + 1)


FAULTS = {
    "value": lambda: raising(ValueError("a bad value")),
    "nested": lambda: raising(Outer.InnerError("inside")),
    "chained": chained,
    "local": local_class,
    "key": lambda: raising(KeyError("missing")),
    "empty": lambda: raising(RuntimeError()),
    "several": lambda: raising(RuntimeError("one", 2, {"three": 3})),
    "multiline": lambda: raising(MultilineError()),
    "unicode": lambda: raising(ValueError("snowman \u2603, rocket \U0001f680, null \x00, bell \x07")),
    "long": lambda: raising(ValueError("x" * 2_000)),
    "quotes": lambda: raising(ValueError("\"double\" 'single' \\back\\ <tag> &amp; %s {}")),
    "url": lambda: raising(ValueError("cannot reach https://ada:lovelace@example.org/data?x=1")),
    "urls": lambda: raising(
        ValueError("s3://key:secret@bucket/a and postgresql+psycopg2://u:p%40ss@db:5432/x, ftp://u@h/")
    ),
    "token": lambda: raising(ValueError("https://example.org/data?token=abc&sig=def#part")),
    "odd urls": lambda: raising(ValueError("http://a:b:c@h http://[::1]:1/ http://u:p@ //x:y@z a@b://c:d@e")),
    "group": lambda: raising(ExceptionGroup("both", [ValueError("one"), TypeError("two")])),
    "recursion": recurse,
    "stop": lambda: raising(StopIteration("early")),
    "dataset": lambda: raising(DatasetError("a dataset of its own")),
    "memory": lambda: raising(MemoryError()),
    "os": lambda: raising(FileNotFoundError(2, "No such file or directory", "data/none.csv")),
    "decode": lambda: b"\xff".decode("utf-8"),
    "syntax": lambda: compile("1 +", "given.py", "exec"),
    "assertion": lambda: raising(AssertionError("not so")),
    "import": lambda: __import__("no_such_module"),
    "none": lambda: None,
    "set": lambda: {1, 2},
    "exit": lambda: raising(SystemExit(3)),
    "exit text": lambda: raising(SystemExit("told to go")),
    "exit plain": lambda: raising(SystemExit()),
    "interrupt": lambda: raising(KeyboardInterrupt("pressed")),
    "generator exit": lambda: raising(GeneratorExit("closing")),
    "cancelled": lambda: raising(asyncio.CancelledError("gone")),
    "bare": lambda: raising(BareError("of no Exception")),
    "textless": lambda: raising(TextlessError()),
    "surrogate": lambda: raising(ValueError("half \ud800 of a pair")),
}


def fail(parameters):
    return FAULTS[parameters["fault"]]()
