"""Charts in files: one reader and one writer a format, and the table of formats."""
