"""HTTP and WebSocket: what the outside builds against (contract 3). Decides nothing: commands go to the
engine, views come from it."""
