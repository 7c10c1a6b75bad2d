"""What one camera's analyser keeps and puts together; each measure itself stands a room above."""
