"""The judge: a classifier that is trained to tell a band from people, and what it finds."""
