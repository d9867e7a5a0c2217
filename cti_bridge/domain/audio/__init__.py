"""What parties hear beside each other: messages, holds and their music, and whether any audio comes at all (audio)."""
