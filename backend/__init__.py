"""CrowdSafe: crowd measurement and early warning from ordinary cameras."""

__version__ = "0.1.0"
