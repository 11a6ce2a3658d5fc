//! The HTTP faces: one module per system we stand in for.
