"""The nets: trunk, players, critics, and the table of datasets they are trained on."""
