"""Turns keys, knobs and pedals of the keyboard into commands."""
