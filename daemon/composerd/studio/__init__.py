"""The studio: serves a browser page that shows and controls the band; a separate process on the control socket."""
