//! Many appenders on the real disk: they share writes and syncs, and the window is kept.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use platform::{DirEntry, DirLock, Disk, DiskFile, FileView, HostDisk, LockError};
use platform_sim::{Crash, Faults, SimPlatform, for_each_seed};
use wal::{Position, Wal, WalConfig};

#[test]
fn concurrent_appends_all_come_back_in_their_own_order() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let config = WalConfig { segment_bytes_max: 50_000, ..WalConfig::default() };
    let (wal, _) = Wal::open(Arc::new(HostDisk), dir.path(), config).expect("open");
    let places: BTreeMap<Position, (u8, u32)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8_u8)
            .map(|writer| {
                let wal = &wal;
                scope.spawn(move || {
                    (0..200_u32)
                        .map(|n| {
                            let filler = vec![writer; (n as usize * 7) % 900];
                            let place = wal.append(writer, &[&n.to_le_bytes(), &filler]);
                            (place.expect("append"), (writer, n))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("no panic")).collect()
    });
    assert_eq!(places.len(), 1600, "every record has its own place");
    let stats = wal.stats();
    assert_eq!(stats.records, 1600);
    assert!(stats.writes <= 1600 && stats.segments > 5, "{stats:?}");
    wal.close().expect("close");

    let (wal, recovery) = Wal::open(Arc::new(HostDisk), dir.path(), config).expect("open");
    let mut next = [0_u32; 8];
    let report = recovery.replay(Position::START, |place, writer, payload| {
        let n = u32::from_le_bytes(payload[..4].try_into().expect("four bytes"));
        assert_eq!(places[&place], (writer, n));
        assert_eq!(n, next[usize::from(writer)], "a thread's records keep their order");
        next[usize::from(writer)] += 1;
        assert!(payload[4..].iter().all(|byte| *byte == writer));
    });
    let report = report.expect("replay");
    assert_eq!((report.records, report.damage_bytes, report.missing_segments), (1600, 0, 0));

    let start = wal.rotate().expect("rotate");
    let removed = wal.truncate_before(start).expect("truncate");
    assert_eq!(removed, stats.segments);
    assert_eq!(wal.stats().segments, 1);
}

#[test]
fn durable_appends_share_syncs() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let config = WalConfig { durable_ack: true, background_sync: false, ..WalConfig::default() };
    let (wal, _) = Wal::open(Arc::new(HostDisk), dir.path(), config).expect("open");
    let observed = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&observed);
    let syncs_before = wal.stats().syncs;
    wal.observe_syncs(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let wal = &wal;
            scope.spawn(move || {
                for _ in 0..25 {
                    let place = wal.append(writer, &[b"must not be lost"]).expect("append");
                    assert!(wal.synced_to() > place, "acknowledged before it was synced");
                }
            });
        }
    });
    let stats = wal.stats();
    assert_eq!((stats.records, stats.unsynced_bytes), (200, 0));
    assert!(stats.syncs <= 200, "{stats:?}");
    assert_eq!(observed.load(Ordering::Relaxed), stats.syncs - syncs_before);
}

#[test]
fn the_thread_syncs_what_was_written() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (tap, syncs) = SyncTap::new();
    let config = WalConfig { sync_window: Duration::from_millis(1), ..WalConfig::default() };
    let (wal, _) = Wal::open(Arc::new(tap), dir.path(), config).expect("open");
    wal.append(1, &[b"hello"]).expect("append");
    syncs.recv().expect("the segment is synced when it is created");
    syncs.recv().expect("nobody but the thread can have synced the record");
    drop(wal);
}

#[test]
fn dropping_the_log_syncs_it() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (tap, syncs) = SyncTap::new();
    let config = WalConfig { sync_window: Duration::from_hours(1), ..WalConfig::default() };
    let (wal, _) = Wal::open(Arc::new(tap), dir.path(), config).expect("open");
    wal.append(1, &[b"hello"]).expect("append");
    while syncs.try_recv().is_ok() {} // the segment's creation
    drop(wal);
    assert!(syncs.try_recv().is_ok(), "dropping syncs once more");
}

/// Threads share batches on a disk that fails now and then: whoever was told yes finds its record
/// again, in order, and a failed write spoils nobody else's.
#[test]
fn failed_batches_spoil_no_acknowledged_record() {
    for_each_seed(0..60, |seed| {
        let sim = SimPlatform::new(seed);
        let config = WalConfig {
            segment_bytes_max: 6_000,
            background_sync: false,
            durable_ack: seed % 2 == 0,
            ..WalConfig::default()
        };
        let (wal, _) = Wal::open(sim.disk(), "/wal", config).expect("open");
        sim.set_faults(Faults { io_error_one_in: 12, ..Faults::NONE });
        let acknowledged: Vec<Vec<u32>> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4_u8)
                .map(|writer| {
                    let wal = &wal;
                    let append = move |n: &u32| {
                        let filler = vec![writer; *n as usize * 13 % 700];
                        wal.append(writer, &[&n.to_le_bytes(), &filler]).is_ok()
                    };
                    scope.spawn(move || (0..60_u32).filter(append).collect())
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
        });
        sim.set_faults(Faults::NONE);
        drop(wal);
        sim.reopen(Crash::Process);
        let (_, recovery) = Wal::open(sim.disk(), "/wal", config).expect("open");
        let mut found = vec![Vec::new(); 4];
        let report = recovery.replay(Position::START, |_, writer, payload| {
            let n = u32::from_le_bytes(payload[..4].try_into().expect("four bytes"));
            assert_eq!(payload.len(), 4 + n as usize * 13 % 700);
            found[usize::from(writer)].push(n);
        });
        assert_eq!(report.expect("replay").damage_bytes, 0);
        for (acknowledged, found) in acknowledged.iter().zip(&found) {
            assert!(found.is_sorted(), "a thread's records keep their order");
            assert!(acknowledged.iter().all(|n| found.contains(n)), "an acknowledged one is lost");
        }
    });
}

/// The real disk; tells of every sync of a file.
struct SyncTap {
    syncs: Sender<()>,
}

struct TappedFile {
    file: Arc<dyn DiskFile>,
    syncs: Sender<()>,
}

impl SyncTap {
    fn new() -> (Self, Receiver<()>) {
        let (syncs, heard) = channel();
        (Self { syncs }, heard)
    }

    fn tap(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(TappedFile { file, syncs: self.syncs.clone() })
    }
}

impl DiskFile for TappedFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, bytes)
    }
    fn sync_data(&self) -> io::Result<()> {
        let result = self.file.sync_data();
        self.syncs.send(()).ok();
        result
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
}

impl Disk for SyncTap {
    fn create_new(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.tap(HostDisk.create_new(path)?))
    }
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.tap(HostDisk.open(path)?))
    }
    fn map(&self, path: &Path) -> io::Result<FileView> {
        HostDisk.map(path)
    }
    fn len(&self, path: &Path) -> io::Result<u64> {
        HostDisk.len(path)
    }
    fn rename(&self, source: &Path, target: &Path) -> io::Result<()> {
        HostDisk.rename(source, target)
    }
    fn link(&self, source: &Path, target: &Path) -> io::Result<()> {
        HostDisk.link(source, target)
    }
    fn rename_dir(&self, source: &Path, target: &Path) -> io::Result<()> {
        HostDisk.rename_dir(source, target)
    }
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        HostDisk.remove_dir_all(dir)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        HostDisk.remove(path)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        HostDisk.list(dir)
    }
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        HostDisk.create_dir_all(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        HostDisk.sync_dir(dir)
    }
    fn lock(&self, dir: &Path) -> Result<DirLock, LockError> {
        HostDisk.lock(dir)
    }
    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        HostDisk.free_bytes(path)
    }
}
