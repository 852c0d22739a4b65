"""What the demo's page shows beside the chat: one module a scene, each answering its questions."""
