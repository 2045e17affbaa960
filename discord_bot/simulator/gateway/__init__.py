"""The gateway: `sessions`, which know no socket, and the `socket` that they are spoken over."""
