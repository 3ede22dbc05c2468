"""Charts: sections, bars, beats and the chord on each, as a musician writes them down; no files."""
