"""How alike areas treat alike situations: thresholds, same situations at different levels, coverage, change."""
