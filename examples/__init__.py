"""Two small, real models whose training ends in a directory that Modelmark can register."""
