"""Zones and counting lines of one camera: who is where, for how long, and who passes."""
