"""The judge: a classifier trained to distinguish a band from people, and its findings."""
