"""The nets: trunk, players, discriminator and groove net."""
