"""Audio beside the conversation: messages, holds with their music, and whether any audio comes at all (audio)."""
