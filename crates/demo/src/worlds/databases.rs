//! PostgreSQL under the names of `postgres_exporter`, Redis under those of `redis_exporter`.

use super::{Events, job};
use crate::curve::{OFFICE, STEADY};
use crate::driver::Driver;
use crate::incident::Incident;
use crate::world::{Builder, Job, Value};

/// Database; connections; commits per second; bytes; bytes that are added in a month.
const DATABASES: [(&str, f64, f64, f64, f64); 3] = [
    ("enhancement", 26.0, 64.0, 46e9, 5e9),
    ("autoweave", 9.0, 17.0, 11e9, 1.5e9),
    ("postgres", 2.0, 0.4, 8.3e6, 0.0),
];
/// Rows per commit of each kind.
const ROWS: [(&str, f64); 5] = [
    ("tup_inserted", 0.22),
    ("tup_updated", 0.31),
    ("tup_deleted", 0.03),
    ("tup_fetched", 34.0),
    ("tup_returned", 210.0),
];

pub(super) fn postgresql(b: &mut Builder, events: &Events) {
    let job = job(b, "postgres", "postgres-0:9187");
    for database in DATABASES {
        one_database(b, events, &job, database);
    }
    for (name, value) in [
        ("pg_settings_max_connections", 100.0),
        ("pg_settings_shared_buffers_bytes", 4.0 * 1024.0 * 1024.0 * 1024.0),
        ("pg_settings_effective_cache_size_bytes", 12.0 * 1024.0 * 1024.0 * 1024.0),
        ("pg_settings_work_mem_bytes", 16.0 * 1024.0 * 1024.0),
        ("pg_up", 1.0),
    ] {
        b.gauge(&job, name, &[], Value::constant(value));
    }
    b.gauge(&job, "pg_static", &[("version", "17.2")], Value::constant(1.0));
    let began = b.driver(Driver::Began(job.restart));
    b.gauge(&job, "pg_postmaster_start_time_seconds", &[], Value::of(began));
    let lag = b.level(0.4, (OFFICE, 0.3, 0.5), &[(events.slow_database, 30.0)]);
    b.gauge(&job, "pg_replication_lag_seconds", &[], Value::of(lag));
}

fn one_database(
    b: &mut Builder,
    events: &Events,
    job: &Job,
    (name, connections, commits, bytes, growth): (&str, f64, f64, f64, f64),
) {
    let datname = [("datname", name)];
    let slow = Incident { rises: 400.0, recovers: 500.0, ..events.slow_database };
    let backends = b.level(connections, (OFFICE, 0.6, 0.12), &[(slow, 1.1)]);
    b.gauge(job, "pg_stat_database_numbackends", &datname, Value::of(backends).whole());
    for (state, part) in [("active", 0.25), ("idle", 0.65), ("idle in transaction", 0.1)] {
        let labels = [("datname", name), ("state", state)];
        let value = Value::of(backends).times(part).whole();
        b.gauge(job, "pg_stat_activity_count", &labels, value);
    }
    let traffic = b.traffic(commits, OFFICE, job.restart);
    let committed = b.all(traffic);
    let rolled_back = b.part(traffic, 0.004, &[(events.slow_database, 0.06)]);
    let name_of = |what: &str| format!("pg_stat_database_{what}");
    b.counter(job, &name_of("xact_commit"), &datname, Value::of(committed).whole());
    b.counter(job, &name_of("xact_rollback"), &datname, Value::of(rolled_back).whole());
    // Statistics that a slow query spoils: it reads a table that does not fit the cache.
    let read = b.part(traffic, 0.012, &[(events.slow_database, 0.22)]);
    b.counter(job, &name_of("blks_hit"), &datname, Value::of(committed).times(88.0).whole());
    b.counter(job, &name_of("blks_read"), &datname, Value::of(read).times(88.0).whole());
    for (what, rows) in ROWS {
        b.counter(job, &name_of(what), &datname, Value::of(committed).times(rows).whole());
    }
    let conflicts = b.part(traffic, 0.00004, &[(events.slow_database, 0.0006)]);
    b.counter(job, &name_of("deadlocks"), &datname, Value::of(conflicts).whole());
    b.counter(job, &name_of("temp_bytes"), &datname, Value::of(read).times(2e5).whole());
    let grown = b.driver(Driver::Filling(job.restart));
    b.gauge(
        job,
        "pg_database_size_bytes",
        &datname,
        Value::of(grown).times(growth).plus(bytes).whole(),
    );
    for (mode, held) in
        [("accesssharelock", 1.6), ("rowexclusivelock", 0.5), ("exclusivelock", 0.1)]
    {
        let labels = [("datname", name), ("mode", mode)];
        b.gauge(job, "pg_locks_count", &labels, Value::of(backends).times(held).whole());
    }
}

pub(super) fn redis(b: &mut Builder, events: &Events) {
    let job = job(b, "redis", "redis-0:9121");
    let crash = Incident { rises: 700.0, recovers: 900.0, ..events.worker_crash };
    let used = b.level(640e6, (OFFICE, 0.2, 0.02), &[(crash, 0.45)]);
    b.gauge(&job, "redis_memory_used_bytes", &[], Value::of(used).whole());
    b.gauge(&job, "redis_memory_used_rss_bytes", &[], Value::of(used).times(1.12).whole());
    b.gauge(&job, "redis_memory_max_bytes", &[], Value::constant(2_147_483_648.0));
    let clients = b.level(58.0, (OFFICE, 0.35, 0.08), &[(events.worker_crash, -0.3)]);
    b.gauge(&job, "redis_connected_clients", &[], Value::of(clients).whole());
    let blocked = b.level(16.0, (STEADY, 0.0, 0.1), &[(events.worker_crash, -0.5)]);
    b.gauge(&job, "redis_blocked_clients", &[], Value::of(blocked).whole());
    b.gauge(&job, "redis_up", &[], Value::constant(1.0));
    let up_for = b.driver(Driver::Since(job.restart));
    b.gauge(&job, "redis_uptime_in_seconds", &[], Value::of(up_for).whole());

    let traffic = b.traffic(1_450.0, OFFICE, job.restart);
    let commands = b.all(traffic);
    b.counter(&job, "redis_commands_processed_total", &[], Value::of(commands).whole());
    for (command, part) in [
        ("get", 0.46),
        ("set", 0.17),
        ("hget", 0.1),
        ("expire", 0.08),
        ("lpush", 0.06),
        ("brpop", 0.06),
        ("publish", 0.04),
        ("del", 0.03),
    ] {
        let labels = [("cmd", command)];
        let calls = Value::of(commands).times(part).whole();
        b.counter(&job, "redis_commands_total", &labels, calls);
        let seconds = Value::of(commands).times(part * 11e-6);
        b.counter(&job, "redis_commands_duration_seconds_total", &labels, seconds);
    }
    let misses = b.part(traffic, 0.03, &[(events.deploy, 0.3)]);
    b.counter(&job, "redis_keyspace_misses_total", &[], Value::of(misses).whole());
    let hits = Value::of(commands).times(0.46).whole();
    b.counter(&job, "redis_keyspace_hits_total", &[], hits);
    b.counter(&job, "redis_net_input_bytes_total", &[], Value::of(commands).times(160.0).whole());
    b.counter(&job, "redis_net_output_bytes_total", &[], Value::of(commands).times(940.0).whole());
    for (total, part) in [("redis_evicted_keys_total", 0.0), ("redis_expired_keys_total", 0.004)] {
        b.counter(&job, total, &[], Value::of(commands).times(part).whole());
    }
    let keys = b.level(184_000.0, (OFFICE, 0.25, 0.02), &[(crash, 0.2)]);
    for (database, part) in [("db0", 0.8), ("db1", 0.2)] {
        b.gauge(&job, "redis_db_keys", &[("db", database)], Value::of(keys).times(part).whole());
        let expiring = Value::of(keys).times(part * 0.7).whole();
        b.gauge(&job, "redis_db_keys_expiring", &[("db", database)], expiring);
    }
}
