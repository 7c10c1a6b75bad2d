"""The threads: cameras, snapshot bus, frame hub, metrics writer, recorder."""
