"""Settings: their layers, the YAML they are read from, conversion of values, folders."""
