//! Immutable part files, their manifest, atomic publish and quarantine.
//!
//! A part is one file: pages, sections, and a footer that says where everything is. A manifest
//! lists the live parts of a directory. What pages and sections mean is the store's business; this
//! crate knows only that they are bytes with checksums. The formats are specified in
//! `docs/format/part.md` and `docs/format/manifest.md`.
//!
//! ```
//! use blockfile::{Change, Content, Manifest, PageRef, PartEntry, PartOptions, SectionKind, Summary};
//! use platform::Platform;
//!
//! # let dir = std::env::temp_dir().join(format!("blockfile-doc-{}", std::process::id()));
//! const PAGES: SectionKind = SectionKind(1);
//! let (manifest, _report) = Manifest::open(Platform::host().disk, &dir)?;
//!
//! // Write a part, then list it together with the log position that it covers.
//! let options = PartOptions::new(Content { kind: 1, version: 1 });
//! let (id, mut writer) = manifest.create_part(options)?;
//! let page = writer.add_page(b"many samples")?;
//! let mut pages = Vec::new();
//! page.encode(&mut pages);
//! writer.add_section(PAGES, &pages)?;
//! let summary = Summary { time_min: 0, time_max: 9, rows: 2, level: 0, replaces: vec![] };
//! let part = writer.finish(summary)?;
//! let checkpoint = Some(b"wal position".to_vec());
//! manifest.publish(Change { add: vec![PartEntry::of(id, &part)], checkpoint, ..Change::default() })?;
//!
//! // Read it back.
//! for entry in &manifest.live().parts {
//!     let part = manifest.open_part(entry.id)?;
//!     let mut pages = part.section(PAGES).expect("written above");
//!     assert_eq!(part.page(&PageRef::decode(&mut pages)?)?, b"many samples");
//! }
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod format;
mod manifest;
mod manifest_format;
mod open;
mod reader;
mod summary;
mod writer;

pub use format::{Content, PART_VERSION, PageRef, SectionKind};
pub use manifest::{Change, Manifest, ManifestError, ManifestState, PartEntry, quarantine_file};
pub use manifest_format::MANIFEST_VERSION;
pub use open::{ListSource, OpenReport};
pub use reader::{Part, ReadOrder, ReadPartError};
pub use summary::{PartId, Summary};
pub use writer::{FinishedPart, PartOptions, PartWriter, WritePartError};
