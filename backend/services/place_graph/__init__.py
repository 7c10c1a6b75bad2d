"""The place graph: which place feeds which, action cards, minutes to the limit."""
