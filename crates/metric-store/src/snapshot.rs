//! Snapshots: a consistent copy of the store that costs next to no space, and opens as a store.
//!
//! The heads are cut and written to parts; then every live part gets a second name below
//! `snapshots/<name>`, beside a list of its own and a copy of the tombstones. All of that is made
//! under a temporary name and moved as a whole, so a crash leaves no half snapshot; what it leaves
//! is removed at the next start.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::Disk;
use query::AdminError;
use wal::{Wal, WalConfig};

use crate::config::MaintainError;
use crate::store::{MetricStore, TENANTS_DIR, WAL_DIR};

const SNAPSHOTS_DIR: &str = "snapshots";
const UNFINISHED: &str = ".tmp";

impl MetricStore {
    /// See [`query::MetricAdmin::snapshot`].
    pub(crate) fn take_snapshot(&self, skip_head: bool) -> Result<String, AdminError> {
        let _one_at_a_time = self.maintain_when_ready()?;
        let root = self.dir.join(SNAPSHOTS_DIR);
        let disk = &*self.platform.disk;
        disk.create_dir_all(&root).map_err(|error| failed(&root, error))?;
        self.check_snapshots(&root)?;
        let random = self.platform.random.u64().map_err(|error| failed(&root, error))?;
        let name = name_of(self.platform.clock.unix_ms(), random);
        if !skip_head {
            self.flush_now()?;
        }
        let unfinished = root.join(format!("{name}{UNFINISHED}"));
        let made = self.copy_to(&unfinished, skip_head).and_then(|()| {
            disk.rename_dir(&unfinished, &root.join(&name))
                .map_err(|error| failed(&unfinished, error))
        });
        if let Err(error) = made {
            // What cannot be removed now is removed at the next start.
            disk.remove_dir_all(&unfinished).ok();
            return Err(error.into());
        }
        tracing::info!(name, skip_head, "snapshot taken");
        Ok(name)
    }

    fn check_snapshots(&self, root: &Path) -> Result<(), AdminError> {
        let value = self.config.snapshots_max;
        let there = self.platform.disk.list(root).map_err(|error| failed(root, error))?;
        let count = there.iter().filter(|entry| entry.is_dir).count();
        if count >= value {
            return Err(AdminError::Limit {
                limit: "snapshots",
                value: value as u64,
                setting: "storage.snapshots_max",
            });
        }
        Ok(())
    }

    fn copy_to(&self, dir: &Path, skip_head: bool) -> Result<(), MaintainError> {
        let tenants = self.each_tenant();
        let root = dir.join(TENANTS_DIR);
        self.platform.disk.create_dir_all(&root).map_err(|error| failed(&root, error))?;
        for tenant in &tenants {
            tenant.link_to(&root.join(tenant.head.tenant.as_str()))?;
        }
        if !skip_head {
            // What lives in no part: exemplars, and metadata of families without a sample.
            let config = WalConfig { background_sync: false, ..self.config.wal };
            let config = WalConfig { resume_after: wal::Position::START, ..config };
            let dir = dir.join(WAL_DIR);
            let opened = Wal::open(Arc::clone(&self.platform.disk), &dir, config);
            let (log, _) = opened.map_err(|error| failed(&dir, io::Error::other(error)))?;
            for tenant in &tenants {
                tenant.log_again(&log)?;
            }
            log.close()?;
        }
        Ok(())
    }
}

fn failed(path: &Path, source: io::Error) -> MaintainError {
    MaintainError::Write { path: path.to_owned(), source }
}

/// Removes what a crash left of a snapshot that was not finished.
pub(crate) fn remove_unfinished(disk: &dyn Disk, store_dir: &Path) {
    let root = store_dir.join(SNAPSHOTS_DIR);
    let Ok(entries) = disk.list(&root) else { return };
    let unfinished =
        entries.iter().filter(|e| e.is_dir && e.name.strip_suffix(UNFINISHED).is_some());
    let paths: Vec<PathBuf> = unfinished.map(|entry| root.join(&entry.name)).collect();
    for path in paths {
        if let Err(error) = disk.remove_dir_all(&path) {
            tracing::warn!(path = %path.display(), %error, "cannot remove an unfinished snapshot");
        }
    }
}

/// `20171210T211224Z-2be650b6d019eb54`: the time in UTC and a random number, as Prometheus names
/// its snapshots.
fn name_of(unix_ms: i64, random: u64) -> String {
    let seconds = unix_ms.div_euclid(1000);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date_of(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z-{:016x}", random >> 1)
}

/// The date of a day, counted from 1970-01-01. Years are taken to begin in March, so that the day
/// that some years have more is their last; 400 of them have 146 097 days.
const fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468; // from 0000-03-01
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_based = (5 * of_year + 2) / 153;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    let year = era * 400 + year + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * march_based + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::{date_of, name_of};

    #[test]
    fn names_are_those_of_prometheus() {
        let check = |unix_ms, random, want: &str| assert_eq!(name_of(unix_ms, random), want);
        check(1_512_940_344_999, 0x57cc_a16d_a033_d6a8, "20171210T211224Z-2be650b6d019eb54");
        check(0, u64::MAX, "19700101T000000Z-7fffffffffffffff");
        check(951_782_400_000, 2, "20000229T000000Z-0000000000000001");
    }

    #[test]
    fn dates_follow_each_other() {
        let mut days = 0;
        for year in 1970..2420 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for month in 1..=12 {
                let last = match month {
                    2 => 28 + i64::from(leap),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                for day in 1..=last {
                    assert_eq!(date_of(days), (year, month, day));
                    days += 1;
                }
            }
        }
    }
}
