def describe(value):
    """Say a value and the types in it as plain JSON data, in order."""
    kind = type(value).__name__
    if isinstance(value, dict):
        return {kind: [[describe(key), describe(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {kind: [describe(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {kind: [describe(item) for item in sorted(value)]}
    return {kind: str(value) if isinstance(value, str) else repr(value)}
