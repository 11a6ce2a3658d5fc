//! Where stores and languages meet: source traits, scope, budgets, cancellation, vectors.
