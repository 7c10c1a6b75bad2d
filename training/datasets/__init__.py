"""Published crowd-counting datasets, each in the layout it is distributed in."""
