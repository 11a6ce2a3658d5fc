//! Dashboards, folders, data sources, users: their tables, provisioning and views.
