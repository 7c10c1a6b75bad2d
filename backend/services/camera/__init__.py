"""What a camera's row may hold, and how a row becomes what is run."""
