"""The Python side of kedro-server: a supervisor, and workers that each run one Kedro run at a time."""

PROTOCOL = 1
