"""The shared vocabulary: what every room of the house may name."""
