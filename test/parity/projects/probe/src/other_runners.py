from kedro.runner import SequentialRunner


class OtherRunner(SequentialRunner):
    """Outside the project's package, not allowed."""
