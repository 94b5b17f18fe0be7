"""Survey rounds: design, draw, invitations, accidents."""
