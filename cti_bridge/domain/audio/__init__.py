"""Audio beside the conversation: messages, holds with their music (hold), whether any audio comes (audio),
and the notice to those who are recorded (notice)."""
