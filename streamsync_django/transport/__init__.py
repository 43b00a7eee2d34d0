"""The WebSocket: messages, frames, and the consumer that serves one browser."""
