"""GitHub's own OpenAPI, and fakehub and our client held to it."""
