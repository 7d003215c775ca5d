from kedro.runner import SequentialRunner, ThreadRunner


class OwnRunner(SequentialRunner):
    """A runner of the project's own."""


class LoudRunner(ThreadRunner):
    def run(self, *args, **kwargs):
        print("running loudly")
        return super().run(*args, **kwargs)


class FussyRunner(SequentialRunner):
    def __init__(self, colour):
        super().__init__()


class NoRunner:
    """Not a runner at all."""


def runner_function(is_async=False):
    return SequentialRunner(is_async=is_async)


runner_instance = SequentialRunner()
