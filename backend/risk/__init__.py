"""Measurements to risk: the calculator and the alert rules as pure state machines."""
