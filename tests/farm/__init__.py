"""Several PBXs behind an edge: Kamailio with the files of `edge/`, Asterisks, the bridge, phones with audio."""
