//! What every [`Disk`] must do while nothing crashes.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use crate::{DirEntry, Disk, LockError};

/// Runs the suite inside `dir`, an existing and empty directory.
pub fn disk(disk: &dyn Disk, dir: &Path) {
    files(disk, dir);
    views(disk, dir);
    renames(disk, dir);
    removals(disk, dir);
    links(disk, dir);
    moved_directories(disk, dir);
    directories(disk, dir);
    locks(disk, dir);
    missing_things(disk, dir);
    concurrent_sync(disk, dir);
    let free = disk.free_bytes(dir).expect("free space is known");
    assert!(free > 0, "no space left in {}", dir.display());
}

fn files(disk: &dyn Disk, dir: &Path) {
    let path = dir.join("file");
    let file = disk.create_new(&path).expect("create");
    assert_eq!(disk.len(&path).expect("len"), 0);
    file.append(b"hello ").expect("append");
    file.append(b"").expect("append nothing");
    file.append(b"world").expect("append");
    file.sync_data().expect("sync");
    assert_eq!(file.len().expect("len"), 11);
    assert_eq!(disk.read(&path).expect("read"), b"hello world");

    let mut bytes = [0; 8];
    assert_eq!(file.read_at(6, &mut bytes).expect("read at"), 5, "short at the end");
    assert_eq!(&bytes[..5], b"world");
    assert_eq!(file.read_at(11, &mut bytes).expect("read at"), 0);
    assert_eq!(file.read_at(1 << 40, &mut bytes).expect("read at"), 0);

    let again = disk.open(&path).expect("open");
    again.append(b"!").expect("append");
    assert_eq!(file.len().expect("len"), 12, "handles share the file");
    file.truncate(5).expect("truncate");
    file.append(b"?").expect("append goes to the new end");
    assert_eq!(disk.read(&path).expect("read"), b"hello?");
    let longer = file.truncate(100).expect_err("truncate must not lengthen");
    assert_eq!(longer.kind(), ErrorKind::InvalidInput);

    let exists = disk.create_new(&path).err().expect("create_new on an existing file");
    assert_eq!(exists.kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.read(&path).expect("read"), b"hello?", "and leaves it alone");
    disk.remove(&path).expect("remove");
}

fn views(disk: &dyn Disk, dir: &Path) {
    let path = dir.join("viewed");
    let file = disk.create_new(&path).expect("create");
    assert!(disk.map(&path).expect("map of nothing").is_empty());
    file.append(&[7; 10_000]).expect("append");
    let view = disk.map(&path).expect("map");
    view.expect_scattered_reads(0..view.len());
    for range in [0..10_000, 5000..20_000, 5000..5000, 20_000..30_000] {
        view.will_need(range);
    }
    let copy = view.clone();
    disk.remove(&path).expect("remove");
    assert_eq!(&view[..], &[7; 10_000][..], "a view outlives the name");
    drop(view);
    assert_eq!(copy.len(), 10_000);
    let mut byte = [0];
    assert_eq!(file.read_at(9_999, &mut byte).expect("a handle outlives the name"), 1);
}

fn renames(disk: &dyn Disk, dir: &Path) {
    let (source, target) = (dir.join("source"), dir.join("target"));
    let file = disk.create_new(&source).expect("create");
    file.append(b"new").expect("append");
    disk.create_new(&target).expect("create").append(b"old").expect("append");
    disk.rename(&source, &target).expect("rename replaces");
    disk.sync_dir(dir).expect("sync dir");
    assert_eq!(disk.read(&target).expect("read"), b"new");
    assert_eq!(disk.len(&source).expect_err("source is gone").kind(), ErrorKind::NotFound);
    file.append(b"er").expect("the handle follows the file");
    assert_eq!(disk.read(&target).expect("read"), b"newer");
    let sub = dir.join("elsewhere");
    disk.create_dir_all(&sub).expect("create dir");
    disk.rename(&target, &sub.join("moved")).expect("rename to another directory");
    assert_eq!(disk.read(&sub.join("moved")).expect("read"), b"newer");
    disk.remove(&sub.join("moved")).expect("remove");
}

fn removals(disk: &dyn Disk, dir: &Path) {
    let path = dir.join("short-lived");
    disk.create_new(&path).expect("create").append(b"1").expect("append");
    disk.remove(&path).expect("remove");
    assert_eq!(disk.remove(&path).expect_err("again").kind(), ErrorKind::NotFound);
    let fresh = disk.create_new(&path).expect("the name is free again");
    assert_eq!(fresh.len().expect("len"), 0, "and the file is new");
    disk.remove(&path).expect("remove");
    disk.sync_dir(dir).expect("sync dir");
}

fn links(disk: &dyn Disk, dir: &Path) {
    let (first, second) = (dir.join("first"), dir.join("second"));
    let file = disk.create_new(&first).expect("create");
    file.append(b"shared").expect("append");
    file.sync_data().expect("sync");
    disk.link(&first, &second).expect("link");
    let again = disk.link(&first, &second).expect_err("the name is taken");
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    disk.remove(&first).expect("remove");
    assert_eq!(disk.read(&second).expect("the other name stays"), b"shared");
    let gone = disk.link(&first, &dir.join("third")).expect_err("nothing to link");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    disk.remove(&second).expect("remove");
}

fn moved_directories(disk: &dyn Disk, dir: &Path) {
    let (source, target) = (dir.join("before"), dir.join("after"));
    disk.create_dir_all(&source.join("deep")).expect("create dir");
    disk.create_new(&source.join("deep/file")).expect("create").append(b"x").expect("append");
    disk.rename_dir(&source, &target).expect("move");
    assert_eq!(disk.read(&target.join("deep/file")).expect("read"), b"x");
    assert_eq!(disk.list(&source).expect_err("moved away").kind(), ErrorKind::NotFound);
    disk.create_dir_all(&source).expect("create dir");
    let taken = disk.rename_dir(&source, &target).expect_err("the name is taken");
    assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
    for gone in [&source, &target] {
        disk.remove_dir_all(gone).expect("remove dir");
        assert_eq!(disk.list(gone).expect_err("removed").kind(), ErrorKind::NotFound);
        let again = disk.remove_dir_all(gone).expect_err("nothing there");
        assert_eq!(again.kind(), ErrorKind::NotFound);
    }
}

fn directories(disk: &dyn Disk, dir: &Path) {
    let deep = dir.join("list/b/c");
    disk.create_dir_all(&deep).expect("create with parents");
    disk.create_dir_all(&deep).expect("create again");
    let listed = dir.join("list");
    for name in ["z", "a", "m"] {
        let file = disk.create_new(&listed.join(name)).expect("create");
        file.append(name.repeat(3).as_bytes()).expect("append");
    }
    let entry = |name: &str, is_dir, len| DirEntry { name: name.to_owned(), is_dir, len };
    assert_eq!(
        disk.list(&listed).expect("list"),
        [entry("a", false, 3), entry("b", true, 0), entry("m", false, 3), entry("z", false, 3)]
    );
    assert_eq!(disk.list(&deep).expect("list"), []);
}

fn locks(disk: &dyn Disk, dir: &Path) {
    let home = dir.join("home");
    disk.create_dir_all(&home).expect("create dir");
    let lock = disk.lock(&home).expect("lock");
    assert!(matches!(disk.lock(&home), Err(LockError::Held)), "the lock is exclusive");
    disk.lock(dir).expect("another directory is another lock");
    drop(lock);
    disk.lock(&home).expect("dropping the guard unlocks");
}

fn missing_things(disk: &dyn Disk, dir: &Path) {
    let nowhere = dir.join("no/such/file");
    let kinds = [
        disk.create_new(&nowhere).err().map(|e| e.kind()),
        disk.open(&nowhere).err().map(|e| e.kind()),
        disk.map(&nowhere).err().map(|e| e.kind()),
        disk.read(&nowhere).err().map(|e| e.kind()),
        disk.len(&nowhere).err().map(|e| e.kind()),
        disk.rename(&nowhere, &dir.join("x")).err().map(|e| e.kind()),
        disk.list(&nowhere).err().map(|e| e.kind()),
        disk.sync_dir(&nowhere).err().map(|e| e.kind()),
    ];
    assert_eq!(kinds, [Some(ErrorKind::NotFound); 8]);
    assert!(
        matches!(disk.lock(&nowhere), Err(LockError::Io(e)) if e.kind() == ErrorKind::NotFound)
    );
}

fn concurrent_sync(disk: &dyn Disk, dir: &Path) {
    let path = dir.join("shared");
    let file = disk.create_new(&path).expect("create");
    let syncer = Arc::clone(&file);
    std::thread::scope(|scope| {
        scope.spawn(move || (0..20).for_each(|_| syncer.sync_data().expect("sync")));
        (0..200).for_each(|_| file.append(&[1; 100]).expect("append"));
    });
    assert_eq!(disk.len(&path).expect("len"), 20_000);
    disk.remove(&path).expect("remove");
}
