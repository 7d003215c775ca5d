from kedro.runner import SequentialRunner


class AllowedRunner(SequentialRunner):
    """Outside the project's package, allowed by its settings."""
