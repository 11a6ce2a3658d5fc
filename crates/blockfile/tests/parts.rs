//! Parts by themselves: what is written comes back, what is damaged is said to be.

mod sample;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use blockfile::{
    Content, PageRef, Part, PartId, PartOptions, PartWriter, ReadPartError, SectionKind, Summary,
    WritePartError,
};
use platform::{Disk, FileView, HostDisk};
use platform_sim::{Faults, SimPlatform};
use proptest::prelude::*;

fn write(disk: &Arc<dyn Disk>, pages: &[Vec<u8>], options: PartOptions) -> Vec<u8> {
    disk.create_dir_all(Path::new("/parts")).expect("create dir");
    let writer = PartWriter::create(Arc::clone(disk), "/parts/a.part", options).expect("create");
    let part = sample::fill(writer, pages, vec![PartId(4), PartId(7)]).expect("write");
    let bytes = disk.read(&part.path).expect("read");
    assert_eq!(part.bytes, bytes.len() as u64);
    bytes
}

fn open_bytes(bytes: &[u8]) -> Result<Part, ReadPartError> {
    Part::from_view(PathBuf::from("a.part"), FileView::from_bytes(Arc::from(bytes)))
}

proptest! {
    #[test]
    fn pages_come_back(
        pages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2_000), 0..20),
        align_log in 0_u32..13,
    ) {
        let options = PartOptions { align: 1 << align_log, ..sample::OPTIONS };
        let bytes = write(&SimPlatform::new(1).disk(), &pages, options);
        let part = open_bytes(&bytes).expect("open");
        prop_assert_eq!(part.page_count() as usize, pages.len());
        prop_assert_eq!(part.content(), Content { kind: 9, version: 3 });
        prop_assert_eq!(&part.summary().replaces, &[PartId(4), PartId(7)]);
        let mut refs = part.section(sample::PAGES).expect("written");
        while !refs.is_empty() {
            let page = PageRef::decode(&mut refs).expect("intact");
            prop_assert_eq!(page.offset % (1 << align_log), 0);
        }
        prop_assert_eq!(sample::pages(&part).expect("read"), pages);
        prop_assert_eq!(part.section(SectionKind(77)), None);
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let refused = matches!(open_bytes(&bytes), Err(ReadPartError::Corrupt { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn any_cut_is_refused(cut in any::<prop::sample::Index>()) {
        let bytes = write(&SimPlatform::new(1).disk(), &[vec![3; 700]], sample::OPTIONS);
        let refused = matches!(
            open_bytes(&bytes[..cut.index(bytes.len())]),
            Err(ReadPartError::Corrupt { .. })
        );
        prop_assert!(refused);
    }

    #[test]
    fn any_page_reference_is_safe(offset in any::<u64>(), len in any::<u32>(), index in any::<u32>(), checksum in any::<u64>()) {
        let bytes = write(&SimPlatform::new(1).disk(), &[vec![3; 700]], sample::OPTIONS);
        let part = open_bytes(&bytes).expect("open");
        let refused = part.page(&PageRef { offset, len, index, checksum }).is_err();
        prop_assert!(refused);
    }
}

/// Without padding every byte counts: each flipped bit is found, at the latest by reading a page.
#[test]
fn every_flipped_bit_is_found() {
    let pages = vec![vec![1; 100], vec![], (0..=255).collect()];
    let options = PartOptions { align: 1, ..sample::OPTIONS };
    let intact = write(&SimPlatform::new(1).disk(), &pages, options);
    for bit in 0..intact.len() * 8 {
        let mut bytes = intact.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let found = open_bytes(&bytes).and_then(|part| sample::pages(&part));
        assert!(matches!(found, Err(ReadPartError::Corrupt { .. })), "bit {bit}: {found:?}");
    }
}

#[test]
fn errors_name_file_place_and_values() {
    let mut bytes = write(&SimPlatform::new(1).disk(), &[vec![1; 100]], sample::OPTIONS);
    bytes[20] ^= 1;
    let part = open_bytes(&bytes).expect("pages are not read when a part is opened");
    let error = sample::pages(&part).expect_err("damaged");
    let text = error.to_string();
    assert!(text.starts_with("part a.part is corrupt at byte 16 (page): got 0x"), "{text}");
    let gone = Part::open(&*SimPlatform::new(1).disk(), "/nowhere").expect_err("gone");
    assert!(matches!(gone, ReadPartError::Gone { .. }));
    assert_eq!(gone.to_string(), "part /nowhere is gone");
}

#[test]
fn a_later_version_is_left_alone() {
    let mut bytes = write(&SimPlatform::new(1).disk(), &[], sample::OPTIONS);
    let footer = bytes.len() - 64;
    bytes[footer + 32] = 2;
    let sum = codec::checksum::checksum(&bytes[footer..footer + 48]);
    bytes[footer + 48..footer + 56].copy_from_slice(&sum.to_le_bytes());
    let refused = open_bytes(&bytes).expect_err("refused");
    assert!(matches!(refused, ReadPartError::Unsupported { version: 2, supported: 1, .. }));
}

#[test]
fn the_limits_of_the_format_are_errors() {
    let disk = SimPlatform::new(1).disk();
    disk.create_dir_all(Path::new("/parts")).expect("create dir");
    let create = || PartWriter::create(Arc::clone(&disk), "/parts/b.part", sample::OPTIONS);
    let mut writer = create().expect("create");
    writer.add_section(SectionKind(1), b"x").expect("add");
    let results = [
        writer.add_section(SectionKind(1), b"again").map(|()| None),
        writer.add_section(SectionKind(0xff00), b"reserved").map(|()| None),
        writer.add_page(b"late").map(Some),
    ];
    for result in results {
        assert!(matches!(result, Err(WritePartError::Limit { .. })), "{result:?}");
    }
    drop(writer);
    assert_eq!(disk.list(Path::new("/parts")).expect("list"), [], "nothing is left behind");
}

#[test]
fn a_full_disk_leaves_no_part() {
    let sim = SimPlatform::new(1);
    sim.disk().create_dir_all(Path::new("/parts")).expect("create dir");
    sim.set_faults(Faults { capacity_bytes: Some(10_000), ..Faults::NONE });
    let writer = PartWriter::create(sim.disk(), "/parts/c.part", sample::OPTIONS).expect("create");
    let failed = sample::fill(writer, &[vec![1; 9_000], vec![2; 9_000]], vec![]);
    let Err(WritePartError::Io { source, .. }) = failed else { panic!("{failed:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert!(sim.files().is_empty());
}

#[test]
fn large_pages_on_the_real_disk() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("d.part");
    let pages: Vec<Vec<u8>> =
        (0..5_u8).map(|n| vec![n; 200_000 + usize::from(n) * 50_000]).collect();
    let options = PartOptions { align: 4096, ..sample::OPTIONS };
    let writer = PartWriter::create(Arc::new(HostDisk), &path, options).expect("create");
    sample::fill(writer, &pages, vec![]).expect("write");
    let part = Part::open(&HostDisk, &path).expect("open");
    assert!(sample::pages(&part).expect("read") == pages);
    std::fs::remove_file(&path).expect("remove");
    assert!(sample::pages(&part).expect("an open part outlives its name") == pages);
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v1/sample.part")
}

fn fixture_pages() -> Vec<Vec<u8>> {
    vec![b"first page".to_vec(), vec![], (0..=255).collect(), vec![0xAB; 1_000]]
}

#[test]
fn version_1_stays_readable() {
    let part = Part::open(&HostDisk, fixture()).expect("open");
    assert_eq!(sample::pages(&part).expect("read"), fixture_pages());
    let summary = Summary {
        time_min: -5,
        time_max: 2_266,
        rows: 1_266,
        level: 1,
        replaces: vec![PartId(4), PartId(7)],
    };
    assert_eq!(part.summary(), &summary);
}

/// Equal input gives equal bytes; a difference means that the format has changed and needs a new
/// version with fixtures of its own.
#[test]
fn version_1_is_what_is_written() {
    let written = write(&SimPlatform::new(1).disk(), &fixture_pages(), sample::OPTIONS);
    let fixture = std::fs::read(fixture()).expect("fixture");
    assert!(written == fixture, "the bytes differ");
}
