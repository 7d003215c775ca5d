"""Starts the supervisor, or, with ``--worker``, one fresh worker of it. Settings come on stdin."""

import contextlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def close_inherited_files() -> None:
    """Close what the server has open: not every runtime keeps it from its children, Deno not its Unix sockets."""
    # A system without /dev/fd keeps them open, which harms no run.
    names = os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else []
    for fd in map(int, names):
        with contextlib.suppress(OSError):
            # What this interpreter has opened itself is not inheritable.
            if fd > 2 and os.get_inheritable(fd):
                os.close(fd)


def main() -> int:
    # The folder is needed by child processes of a run, but must never hide a module of the project.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    sys.path.append(HERE)
    if sys.version_info < (3, 10):  # noqa: UP036
        print("kedro-server needs Python 3.10 or newer", file=sys.stderr)
        return 3
    settings = json.loads(sys.stdin.readline())
    from kedro_server_worker.line_redaction import add_values
    from kedro_server_worker.secret_values import secrets_of_environment

    add_values(secrets_of_environment(os.environ))
    if "--worker" in sys.argv[1:]:
        from kedro_server_worker.worker import run_fresh_worker

        run_fresh_worker(settings)
    close_inherited_files()
    from kedro_server_worker.supervisor import Supervisor

    return Supervisor(settings).run()


if __name__ == "__main__":
    sys.exit(main())
