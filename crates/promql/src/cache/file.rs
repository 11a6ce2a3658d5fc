//! The cache as bytes, so that it survives a restart (`docs/format/query-cache.md`).
//!
//! Versions mean nothing after a restart. So only steps that still hold are written, together with
//! what identifies the data of every tenant; they are taken back in as computed from the first
//! version of the very same data.

use std::ops::Range;
use std::sync::Arc;

use codec::checksum;
use codec::varint::{VarintError, put_i64, put_u64, take_i64, take_u64};
use model::{Labels, Tenant, TimeRange};

use super::block::{BLOCK_STEPS, Block};
use super::footprint::Footprint;
use super::{Entry, QueryKey, ResultCache};
use crate::grid::Row;

const MAGIC: &[u8; 8] = b"ORRERYQC";
const FORMAT: u16 = 1;
const HEADER_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 8;

/// What the cache asks of the store whose data it was computed from.
pub trait CachedData {
    /// What identifies the tenant's data; `None`: its steps are not to be kept, or not to be
    /// trusted.
    fn identity(&self, tenant: &Tenant) -> Option<Vec<u8>>;

    /// As [`query::MetricSource::changed_since`].
    fn changed_since(&self, tenant: &Tenant, version: u64, range: TimeRange) -> Vec<TimeRange>;

    /// Called before anything is taken in: whatever left by its age since this time, Unix
    /// milliseconds, is to be told as a change.
    fn resume(&self, saved_ms: i64);
}

/// Why a file is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheFileError {
    #[error("it is damaged")]
    Damaged,
    #[error("its format has version {0}")]
    Format(u16),
    #[error("another build of the program wrote it")]
    Program,
}

impl From<VarintError> for CacheFileError {
    fn from(_: VarintError) -> Self {
        Self::Damaged
    }
}

impl ResultCache {
    /// Every step that still holds, of tenants with an identity. `program` is the build that
    /// computed them: another one may compute something else. Memory: as much again as the cache.
    pub fn to_bytes(&self, data: &dyn CachedData, program: &str, now_ms: i64) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.resize(HEADER_BYTES, 0);
        put_bytes(&mut out, program.as_bytes());
        put_i64(&mut out, now_ms);
        let blocks = self.entries.iter().filter_map(|(key, entry)| match entry {
            Entry::Block(block) => Some((key, block)),
            Entry::Noted => None,
        });
        let mut blocks: Vec<_> = blocks.collect();
        blocks.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for ((query, number), block) in blocks {
            let Some(identity) = data.identity(&query.tenant) else { continue };
            let Some(held) = still_true(&query, number, &block, data) else { continue };
            put_bytes(&mut out, &identity);
            put_query(&mut out, &query);
            put_i64(&mut out, number);
            put_block(&mut out, &held);
        }
        let sum = checksum::checksum(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// Takes in what [`Self::to_bytes`] gave, where the data is still the same; returns the number
    /// of blocks.
    ///
    /// Errors: nothing is taken in.
    pub fn take_bytes(
        &self,
        bytes: &[u8],
        data: &dyn CachedData,
        program: &str,
    ) -> Result<usize, CacheFileError> {
        let mut rest = content(bytes)?;
        if take_bytes(&mut rest)? != program.as_bytes() {
            return Err(CacheFileError::Program);
        }
        let saved_ms = take_i64(&mut rest)?;
        let mut taken = Vec::new();
        let mut last: Option<Arc<QueryKey>> = None;
        while !rest.is_empty() {
            let identity = take_bytes(&mut rest)?;
            let query = take_query(&mut rest)?;
            let number = take_i64(&mut rest)?;
            let block = take_block(&mut rest)?;
            if data.identity(&query.tenant).as_deref() != Some(identity) {
                continue;
            }
            let shared = match last.take() {
                Some(known) if *known == query => known,
                _ => Arc::new(query),
            };
            taken.push((Arc::clone(&shared), number, block));
            last = Some(shared);
        }
        data.resume(saved_ms);
        let count = taken.len();
        for (query, number, block) in taken {
            self.entries.insert((query, number), Entry::Block(Arc::new(block)));
        }
        Ok(count)
    }
}

/// The block with the steps that have not changed; nothing when there are none, or when there are
/// histograms among them, which have no encoding here.
fn still_true(
    query: &QueryKey,
    number: i64,
    block: &Block,
    data: &dyn CachedData,
) -> Option<Block> {
    if block.rows.iter().any(|row| row.histograms.is_some()) {
        return None;
    }
    let t_ms = |step: usize| {
        let step = number.saturating_mul(BLOCK_STEPS as i64).saturating_add(step as i64);
        step.saturating_mul(query.step_ms).saturating_add(query.phase_ms)
    };
    let changed = |version: u64, range: Option<TimeRange>| {
        range.is_some_and(|range| !data.changed_since(&query.tenant, version, range).is_empty())
    };
    let holds = |step: usize| {
        let noted = block.noted.iter().any(|noted| noted.steps.contains(&step));
        let version = block.version(step).filter(|_| !noted)?;
        let footprint = &block.footprint;
        (!changed(version, footprint.at(t_ms(step))) && !changed(version, footprint.fixed))
            .then_some(())
    };
    let held: Vec<bool> = (block.first..block.end()).map(|step| holds(step).is_some()).collect();
    held.contains(&true).then(|| block.keeping(&held))
}

fn content(bytes: &[u8]) -> Result<&[u8], CacheFileError> {
    let damaged = CacheFileError::Damaged;
    let (body, sum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(damaged)?;
    let (header, rest) = body.split_first_chunk::<HEADER_BYTES>().ok_or(damaged)?;
    if !header.starts_with(MAGIC) {
        return Err(damaged);
    }
    let format = u16::from_le_bytes([header[8], header[9]]);
    if format != FORMAT {
        return Err(CacheFileError::Format(format));
    }
    if checksum::checksum(body) != u64::from_le_bytes(*sum) {
        return Err(damaged);
    }
    Ok(rest)
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn take_bytes<'b>(from: &mut &'b [u8]) -> Result<&'b [u8], CacheFileError> {
    let count = usize::try_from(take_u64(from)?).map_err(|_| CacheFileError::Damaged)?;
    let (bytes, rest) = from.split_at_checked(count).ok_or(CacheFileError::Damaged)?;
    *from = rest;
    Ok(bytes)
}

fn take_text<'b>(from: &mut &'b [u8]) -> Result<&'b str, CacheFileError> {
    std::str::from_utf8(take_bytes(from)?).map_err(|_| CacheFileError::Damaged)
}

fn put_query(out: &mut Vec<u8>, query: &QueryKey) {
    for text in [query.tenant.as_str(), &query.policy, &query.query] {
        put_bytes(out, text.as_bytes());
    }
    for number in [query.step_ms, query.phase_ms, query.lookback_ms, query.subquery_step_ms] {
        put_i64(out, number);
    }
    out.push(u8::from(query.use_start_timestamps));
}

fn take_query(from: &mut &[u8]) -> Result<QueryKey, CacheFileError> {
    let tenant = Tenant::parse(take_text(from)?).map_err(|_| CacheFileError::Damaged)?;
    Ok(QueryKey {
        tenant,
        policy: take_text(from)?.into(),
        query: take_text(from)?.into(),
        step_ms: take_i64(from)?,
        phase_ms: take_i64(from)?,
        lookback_ms: take_i64(from)?,
        subquery_step_ms: take_i64(from)?,
        use_start_timestamps: take_u64(from)? == 1,
    })
}

fn put_range(out: &mut Vec<u8>, range: Option<TimeRange>) {
    out.push(u8::from(range.is_some()));
    if let Some(range) = range {
        put_i64(out, range.start_ms);
        put_i64(out, range.end_ms);
    }
}

fn take_range(from: &mut &[u8]) -> Result<Option<TimeRange>, CacheFileError> {
    match take_u64(from)? {
        0 => Ok(None),
        1 => Ok(Some(TimeRange::new(take_i64(from)?, take_i64(from)?))),
        _ => Err(CacheFileError::Damaged),
    }
}

fn put_block(out: &mut Vec<u8>, block: &Block) {
    put_range(out, block.footprint.around);
    put_range(out, block.footprint.fixed);
    put_u64(out, block.first as u64);
    put_u64(out, block.versions.len() as u64);
    out.extend(block.versions.iter().map(|version| u8::from(*version != 0)));
    put_u64(out, block.rows.len() as u64);
    for row in &block.rows {
        put_bytes(out, row.labels.as_bytes());
        out.extend(row.values.iter().flat_map(|v| v.to_bits().to_le_bytes()));
    }
}

fn take_block(from: &mut &[u8]) -> Result<Block, CacheFileError> {
    let damaged = CacheFileError::Damaged;
    let footprint = Footprint { around: take_range(from)?, fixed: take_range(from)? };
    let steps = take_steps(from)?;
    let (there, rest) = from.split_at_checked(steps.len()).ok_or(damaged)?;
    *from = rest;
    let versions = there.iter().map(|there| u64::from(*there == 1)).collect();
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..take_u64(from)? {
        let labels = Labels::from_bytes(take_bytes(from)?).ok_or(damaged)?;
        if rows.last().is_some_and(|last| last.labels >= labels) {
            return Err(damaged);
        }
        let (cells, rest) = from.split_at_checked(8 * steps.len()).ok_or(damaged)?;
        *from = rest;
        let (cells, _) = cells.as_chunks::<8>();
        let values = cells.iter().map(|cell| f64::from_bits(u64::from_le_bytes(*cell)));
        rows.push(Row::floats(labels, values.collect()));
    }
    Ok(Block { footprint, first: steps.start, versions, rows, noted: Vec::new() })
}

fn take_steps(from: &mut &[u8]) -> Result<Range<usize>, CacheFileError> {
    let (first, count) = (take_u64(from)?, take_u64(from)?);
    let most = BLOCK_STEPS as u64;
    if first > most || count > most - first {
        return Err(CacheFileError::Damaged);
    }
    Ok(first as usize..(first + count) as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use model::{Labels, Tenant, TimeRange};

    use super::super::block::{Block, Fresh, Noted};
    use super::super::footprint::Footprint;
    use super::super::{Entry, QueryKey, ResultCache};
    use super::{CacheFileError, CachedData};
    use crate::annotation::Annotations;
    use crate::grid::{ABSENT, Row};

    const FIXTURE: &str = "testdata/v1/query-cache";

    /// Tenants by name with an identity; everything before a time has changed.
    struct Data {
        identities: BTreeMap<&'static str, u8>,
        changed_before_ms: i64,
        resumed_ms: AtomicI64,
    }

    impl CachedData for Data {
        fn identity(&self, tenant: &Tenant) -> Option<Vec<u8>> {
            self.identities.get(tenant.as_str()).map(|number| vec![*number; 3])
        }

        fn changed_since(&self, _: &Tenant, version: u64, range: TimeRange) -> Vec<TimeRange> {
            let changed = range.start_ms < self.changed_before_ms && version < 9;
            if changed { vec![range] } else { Vec::new() }
        }

        fn resume(&self, saved_ms: i64) {
            self.resumed_ms.store(saved_ms, Ordering::Relaxed);
        }
    }

    fn data(identities: &[(&'static str, u8)]) -> Data {
        let identities = identities.iter().copied().collect();
        Data { identities, changed_before_ms: 0, resumed_ms: AtomicI64::new(0) }
    }

    /// Two series over the steps 10 to 14 of block 3, the last of them with notes.
    fn filled(tenant: &str) -> (ResultCache, QueryKey) {
        let cache = ResultCache::new(1 << 20);
        let key = QueryKey {
            tenant: Tenant::parse(tenant).unwrap(),
            policy: "".into(),
            query: "sum by (job) (x)".into(),
            step_ms: 60_000,
            phase_ms: 7,
            lookback_ms: 300_000,
            subquery_step_ms: 60_000,
            use_start_timestamps: false,
        };
        let row = |job: &str, values: [f64; 4]| {
            Row::floats(Labels::from_pairs([("job", job)]), values.to_vec())
        };
        let rows = [row("a", [1.0, ABSENT, -0.0, 4.0]), row("b", [ABSENT, f64::NAN, 0.1, ABSENT])];
        let around = Some(TimeRange::new(-300_000, 0));
        let noted = Noted { steps: 13..14, notes: Annotations::default(), text: "x".into() };
        let fresh = Fresh {
            footprint: Footprint { around, fixed: Some(TimeRange::new(5_000_000, 6_000_000)) },
            steps: 10..14,
            column: 0,
            rows: &rows,
            versions: vec![8, 8, 9, 9],
            noted: vec![noted],
        };
        let block = Arc::new(Block::default().with(&fresh));
        cache.entries.insert((Arc::new(key.clone()), 3), Entry::Block(block));
        cache.entries.insert((Arc::new(key.clone()), super::super::WHOLE), Entry::Noted);
        (cache, key)
    }

    fn shown(cache: &ResultCache, key: &QueryKey) -> Option<String> {
        let Entry::Block(block) = cache.entries.get(&(Arc::new(key.clone()), 3))? else {
            return None;
        };
        let cells = |row: &Row| {
            let cells = row.values.iter().map(|v| format!("{:x}", v.to_bits()));
            format!("{} {}", row.labels, cells.collect::<Vec<_>>().join(","))
        };
        let rows: Vec<String> = block.rows.iter().map(cells).collect();
        Some(format!("{} {:?} {}", block.first, block.versions, rows.join(" ")))
    }

    #[test]
    fn comes_back_with_what_still_holds() {
        let check = |saved: &Data, later: &Data, want: Option<&str>| {
            let (cache, key) = filled("t");
            let bytes = cache.to_bytes(saved, "build 1", 77);
            let again = ResultCache::new(1 << 20);
            let taken = again.take_bytes(&bytes, later, "build 1").unwrap();
            assert_eq!(taken, usize::from(want.is_some()));
            assert_eq!(shown(&again, &key).as_deref(), want);
            assert_eq!(later.resumed_ms.load(Ordering::Relaxed), 77);
        };
        let all = "10 [1, 1, 1, 0] \
            {job=\"a\"} 3ff0000000000000,7ff0000000000002,8000000000000000,7ff0000000000002 \
            {job=\"b\"} 7ff0000000000002,7ff8000000000000,3fb999999999999a,7ff0000000000002";
        check(&data(&[("t", 1)]), &data(&[("t", 1)]), Some(all));
        check(&data(&[("t", 1)]), &data(&[("t", 2)]), None);
        check(&data(&[("t", 1)]), &data(&[]), None);
        check(&data(&[("other", 1)]), &data(&[("t", 1)]), None);
        // What all steps read has changed between versions 8 and 9.
        let late = Data { changed_before_ms: 5_500_000, ..data(&[("t", 1)]) };
        let left = "10 [0, 0, 1, 0] \
            {job=\"a\"} 7ff0000000000002,7ff0000000000002,8000000000000000,7ff0000000000002 \
            {job=\"b\"} 7ff0000000000002,7ff0000000000002,3fb999999999999a,7ff0000000000002";
        check(&late, &data(&[("t", 1)]), Some(left));
    }

    #[test]
    fn foreign_and_damaged_bytes_are_refused() {
        let (cache, _) = filled("t");
        let data = data(&[("t", 1)]);
        let bytes = cache.to_bytes(&data, "build 1", 77);
        let take = |bytes: &[u8], program| {
            let again = ResultCache::new(1 << 20);
            let taken = again.take_bytes(bytes, &data, program);
            assert_eq!(again.stats().entries, taken.unwrap_or(0) as u64);
            taken
        };
        assert_eq!(take(&bytes, "build 1"), Ok(1));
        assert_eq!(take(&bytes, "build 2"), Err(CacheFileError::Program));
        for cut in 0..bytes.len() {
            assert_eq!(take(&bytes[..cut], "build 1"), Err(CacheFileError::Damaged), "{cut}");
            let mut flipped = bytes.clone();
            flipped[cut] ^= 4;
            take(&flipped, "build 1").unwrap_err();
            // And with a checksum that says it is meant: nothing that panics.
            let end = bytes.len() - super::CHECKSUM_BYTES;
            let sum = super::checksum::checksum(&flipped[..end]);
            flipped[end..].copy_from_slice(&sum.to_le_bytes());
            take(&flipped, "build 1").ok();
        }
        let mut later = bytes;
        later[8] = 9;
        assert_eq!(take(&later, "build 1"), Err(CacheFileError::Format(9)));
    }

    #[test]
    fn version_1_is_readable_and_still_written() {
        let (cache, key) = filled("t");
        let data = data(&[("t", 1)]);
        let bytes = cache.to_bytes(&data, "build 1", 77);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE);
        let fixture = std::fs::read(path).unwrap();
        assert_eq!(bytes, fixture, "the same content gives the same bytes");
        let again = ResultCache::new(1 << 20);
        assert_eq!(again.take_bytes(&fixture, &data, "build 1"), Ok(1));
        assert!(shown(&again, &key).is_some());
    }
}
