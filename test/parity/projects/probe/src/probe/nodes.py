import functools
import logging
import os
import signal
import sys
from pathlib import Path

from probe.describe import describe

logger = logging.getLogger(__name__)


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def double(numbers, factor):
    return [number * factor for number in numbers]


def total(numbers):
    return {"total": sum(numbers)}


def join(left, right):
    return {"left": left, "right": right}


def describe_all(parameters):
    return describe(parameters)


def describe_parts(part, deep, whole):
    return describe([part, deep, whole])


@traced
def remember(numbers):
    return {"numbers": numbers}


def keep(data):
    return data


def surroundings():
    project = Path(__file__).parents[2]
    return {
        "folder": str(Path.cwd()),
        "stdin": sys.stdin.read(),
        "on_path": str(project / "src") in sys.path,
        "kedro_env": os.environ.get("KEDRO_ENV"),
        "umask": os.umask(os.umask(0o022)),
    }


def chatter(numbers):
    print("to standard output")
    print("to standard error", file=sys.stderr)
    logger.info("to the log")
    sys.stdout.write("no line end")
    return numbers


def leave_traces():
    os.environ["PROBE_TRACE"] = "left"
    os.chdir("data")
    return True


def find_traces():
    if "PROBE_TRACE" in os.environ or Path.cwd().name == "data":
        raise RuntimeError("another run left traces")
    return True


def take_signal():
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return True


def end_process():
    os._exit(7)


def make_text():
    return '{"made": "as text"}'


def multiple(numbers):
    return {"first": numbers[0], "rest": numbers[1:]}


def stream(numbers):
    for number in numbers:
        yield [number]


def swallow(numbers):
    assert numbers
