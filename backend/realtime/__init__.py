"""Socket.IO events."""
