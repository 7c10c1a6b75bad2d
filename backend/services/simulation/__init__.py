"""Simulated cameras: what is known of them by construction, and the first one."""
