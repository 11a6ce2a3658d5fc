//! The file that keeps a tenant's tombstones. Spec: docs/format/metrics-tombstones.md
//!
//! It is replaced as a whole: a temporary file, a sync, a rename, a sync of the directory.

use std::io;
use std::path::{Path, PathBuf};

use blockfile::PartId;
use codec::checksum::checksum;
use codec::varint::{put_i64, put_u64};
use model::{MatchOp, Matcher, TimeRange};
use platform::Disk;

use crate::cursor::{Cursor, Malformed, put_slice};
use crate::tombstones::Tombstone;

const MAGIC: [u8; 8] = *b"ORRERYTS";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 8;
/// Name of the file in the tenant's directory.
pub(crate) const FILE_NAME: &str = "tombstones";

/// Why a file of tombstones was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// A later version of this program wrote it.
    Version(u16),
    Damaged,
}

impl From<Malformed> for DecodeError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

pub(crate) fn encode(list: &[Tombstone]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + 64 * list.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.resize(HEADER_BYTES, 0);
    put_u64(&mut out, list.len() as u64);
    for tombstone in list {
        put_u64(&mut out, tombstone.before.0);
        for t_ms in [tombstone.range.start_ms, tombstone.range.end_ms, tombstone.made_ms] {
            put_i64(&mut out, t_ms);
        }
        put_u64(&mut out, tombstone.matchers.len() as u64);
        for matcher in &tombstone.matchers {
            out.push(op_code(matcher.op()));
            put_slice(&mut out, matcher.name().as_bytes());
            put_slice(&mut out, matcher.value().as_bytes());
        }
    }
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Tombstone>, DecodeError> {
    let sum_at = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(DecodeError::Damaged)?;
    let (content, sum) = bytes.split_at(sum_at);
    if content.get(..8) != Some(&MAGIC) || checksum(content).to_le_bytes() != sum {
        return Err(DecodeError::Damaged);
    }
    let mut cursor = Cursor(content);
    cursor.bytes(MAGIC.len())?;
    let version = u16::from_le_bytes(cursor.fixed()?);
    if version != VERSION {
        return Err(DecodeError::Version(version));
    }
    cursor.bytes(HEADER_BYTES - MAGIC.len() - size_of::<u16>())?;
    let count = cursor.count()?;
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        let before = PartId(cursor.u64()?);
        let (start_ms, end_ms, made_ms) = (cursor.i64()?, cursor.i64()?, cursor.i64()?);
        let matchers = (0..cursor.count()?).map(|_| take_matcher(&mut cursor));
        let matchers = matchers.collect::<Result<_, _>>()?;
        list.push(Tombstone { before, range: TimeRange::new(start_ms, end_ms), matchers, made_ms });
    }
    if cursor.0.is_empty() { Ok(list) } else { Err(DecodeError::Damaged) }
}

fn take_matcher(cursor: &mut Cursor<'_>) -> Result<Matcher, Malformed> {
    let op = match cursor.byte()? {
        0 => MatchOp::Equal,
        1 => MatchOp::NotEqual,
        2 => MatchOp::Regex,
        3 => MatchOp::NotRegex,
        _ => return Err(Malformed),
    };
    let (name, value) = (cursor.text()?, cursor.text()?);
    Matcher::new(name, op, value).map_err(|_| Malformed)
}

const fn op_code(op: MatchOp) -> u8 {
    match op {
        MatchOp::Equal => 0,
        MatchOp::NotEqual => 1,
        MatchOp::Regex => 2,
        MatchOp::NotRegex => 3,
    }
}

pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE_NAME)
}

/// Replaces the file; without a tombstone it goes.
///
/// Errors: the old list may be in force, or the new one: neither is certain after a power loss.
pub(crate) fn save(disk: &dyn Disk, dir: &Path, list: &[Tombstone]) -> io::Result<()> {
    let target = path(dir);
    if list.is_empty() {
        match disk.remove(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return disk.sync_dir(dir),
        }
    }
    let temp = dir.join(format!("{FILE_NAME}.tmp"));
    // Left over by an attempt that could not clean up.
    disk.remove(&temp).ok();
    let written = disk.create_new(&temp).and_then(|file| {
        file.append(&encode(list))?;
        file.sync_data()?;
        disk.rename(&temp, &target)
    });
    if let Err(error) = written {
        disk.remove(&temp).ok();
        return Err(error);
    }
    disk.sync_dir(dir)
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, decode, encode};
    use crate::tombstones::Tombstone;
    use blockfile::PartId;
    use codec::checksum::checksum;
    use model::{MatchOp, Matcher, TimeRange};
    use proptest::prelude::*;

    fn sample() -> Vec<Tombstone> {
        let matchers = vec![
            Matcher::equal("__name__", "up"),
            Matcher::new("job", MatchOp::NotEqual, "").unwrap(),
            Matcher::new("path", MatchOp::Regex, "/api/.*").unwrap(),
            Matcher::new("ü", MatchOp::NotRegex, "a|b").unwrap(),
        ];
        let range = TimeRange::new(-5, 1_735_700_000_000);
        let one = Tombstone { before: PartId(300), range, matchers, made_ms: 7 };
        let all = Tombstone {
            before: PartId(0),
            range: TimeRange::ALL,
            matchers: Vec::new(),
            made_ms: i64::MAX,
        };
        vec![one, all]
    }

    #[test]
    fn version_1_is_readable_and_still_written_like_that() {
        let want = include_bytes!("../testdata/tombstones-v1");
        assert_eq!(decode(want), Ok(sample()));
        assert_eq!(encode(&sample()), want);
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let mut bytes = encode(&sample());
        bytes[8] = 2;
        assert_eq!(decode(&bytes), Err(DecodeError::Damaged));
        let sum_at = bytes.len() - 8;
        let sum = checksum(&bytes[..sum_at]);
        bytes[sum_at..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(decode(&bytes), Err(DecodeError::Version(2)));
    }

    proptest! {
        #[test]
        fn damage_is_found(at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<prop::sample::Index>()) {
            let good = encode(&sample());
            let mut bad = good.clone();
            bad[at.index(good.len())] ^= 1 << bit;
            prop_assert_eq!(decode(&bad), Err(DecodeError::Damaged));
            prop_assert_eq!(decode(&good[..cut.index(good.len())]), Err(DecodeError::Damaged));
        }
    }
}
