"""One pipeline that does what its parameters say, and writes down that and when it did."""

import ctypes
import fcntl
import os
import signal
import time
from pathlib import Path

from kedro.pipeline import node, pipeline

NOTES = Path("data/notes")
HOGGED = 150 * 1024 * 1024
HELD = []


def append(name, line):
    """One line, whole, however many processes write."""
    file = os.open(NOTES / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def is_locked(path):
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def count_beside(mine, group):
    """Runs that go on now under the same server, with this one: all, and those with its group."""
    server = mine.split("~", 1)[0]
    names = [name for name in os.listdir(NOTES / "active") if name.split("~", 1)[0] == server]
    going_on = [name for name in names if name == mine or is_locked(NOTES / "active" / name)]
    return len(going_on), len([name for name in going_on if name.split("~")[1] == group])


def die(how):
    if how == "exit":
        os._exit(3)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


def work(tenant, what, milliseconds, group, limit, capacity, length):
    append("begun.log", tenant)
    mine = f"{os.getppid()}~{group}~{tenant}"
    with open(NOTES / "active" / mine, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            at_once, in_group = count_beside(mine, group)
            if at_once > capacity or (group and in_group > limit):
                excess = f"{at_once} at once, {in_group} of {limit} in {group!r}"
                append("excess.log", f"{tenant}: {excess}")
            toil(tenant, what, milliseconds)
        finally:
            os.unlink(NOTES / "active" / mine)
    return {"tenant": tenant, "body": [tenant] * length, "last": tenant}


def toil(tenant, what, milliseconds):
    ends_at = time.monotonic() + milliseconds / 1000
    while time.monotonic() < ends_at:
        print(f"{tenant} is at work")
        try:
            time.sleep(0.02)
        except KeyboardInterrupt:
            if what != "stubborn":
                raise
    if what == "fail":
        raise ValueError("as it was asked to")
    if what == "hog":
        HELD.append(b"x" * HOGGED)
    die(what)


def register_pipelines():
    names = ["tenant", "what", "milliseconds", "group", "limit", "capacity", "length"]
    inputs = [f"params:{name}" for name in names]
    return {"__default__": pipeline([node(work, inputs, "mine", name="work")])}
