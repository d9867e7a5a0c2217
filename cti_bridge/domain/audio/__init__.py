"""Audio beside the conversation: messages, holds with their music (hold), and whether any audio comes (audio)."""
