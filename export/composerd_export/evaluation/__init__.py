"""How good a generator is: metrics, baselines, systems and the table that puts them side by side."""
