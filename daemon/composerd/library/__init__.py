"""Files that users may add: genres, keyboards, models; and the ones that are shipped."""
