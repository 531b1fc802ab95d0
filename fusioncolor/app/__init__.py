"""The page on which people drop photographs: a desk for each visitor, and the server, on this machine only."""
