"""Locations: what people define, what is sent in, what is known of them now."""
