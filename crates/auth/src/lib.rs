//! Who is asking and what they may see: passwords, sessions, roles, scopes.
