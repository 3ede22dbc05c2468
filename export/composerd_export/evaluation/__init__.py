"""Evaluation of generators: baselines, systems, the judge and the tables that compare them."""
