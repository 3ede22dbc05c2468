"""The beat: tempo line, following the player, MIDI clock in and out."""
