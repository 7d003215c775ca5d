"""Reads a question a line: a Python expression, and a limit in bytes; answers what it is as an output."""

import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import sys
import uuid
from collections import OrderedDict, namedtuple
from types import MappingProxyType

import numpy as np
import pandas as pd
import pydantic

sys.path.append(str(pathlib.Path(__file__).parents[2] / "python"))

from kedro_server_worker.run_outputs import RunOutputs  # noqa: E402


@dataclasses.dataclass
class Point:
    x: int
    where: pathlib.PurePosixPath


class Model(pydantic.BaseModel):
    name: str
    at: datetime.date


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Broken:
    def __getattr__(self, name):
        raise RuntimeError("broken")


class Catalog:
    def get(self, name):
        return None


Pair = namedtuple("Pair", "a b")


def inside():
    value = []
    value.append({"value": value})
    return value


def deep(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


def answer(expression, limit):
    answers = []
    outputs = RunOutputs(
        ["x"],
        limit,
        "/project",
        lambda name, kind, data_type, pieces: answers.append(
            {"kind": kind, "dataType": data_type, "json": "".join(pieces)}
        ),
        lambda name, error: answers.append(error),
    )
    outputs._when_saved = {"x"}
    outputs.catalog = Catalog()
    outputs.saved("x", eval(expression))
    assert len(answers) == 1
    return answers[0]


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps(answer(question["expression"], question["limit"])), flush=True)
