"""HTTP and WebSocket: what the outside builds against (``/api/v1/openapi.json``). Decides nothing: commands go to
the engine, views come from it."""
