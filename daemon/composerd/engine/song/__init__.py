"""Playing by a chart: follows the form of a song while the band plays."""
