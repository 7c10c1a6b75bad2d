"""What is known of locations: counts of several cameras, lines and people made into one."""
