//! Many appenders on the real disk: they share writes and syncs, and the window is kept.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use platform::{DirEntry, DirLock, Disk, DiskFile, FileView, HostDisk, LockError};
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
