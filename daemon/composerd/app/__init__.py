"""Joins the parts: decides nothing."""
