"""Which flights are late?"""

__version__ = "1.0.0"
