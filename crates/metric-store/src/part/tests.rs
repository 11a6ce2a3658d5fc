//! Parts as a whole: what is written is read, and damage is an error or other samples, never a
//! panic, even when every checksum is right.

use std::path::PathBuf;
use std::sync::Arc;

use blockfile::{Part, PartId, PartOptions, PartWriter, ReadOrder, SectionKind};
use model::{Labels, Matcher, TimeRange};
use platform_sim::SimPlatform;
use postings::{LabelIndex, resolve};
use proptest::prelude::*;
use query::SampleBuffer;

use super::{
    CONTENT, DictionaryWriter, LabelReader, MetricPart, PageCache, PartBuilder, ReadScratch,
    SeriesRow,
};

/// Series number `i` of a small but varied part.
fn labels(i: u32) -> Vec<(&'static str, String)> {
    let mut labels =
        vec![("__name__", format!("metric_{}", i / 40)), ("host", format!("h{}", i % 40))];
    if i.is_multiple_of(3) {
        labels.push(("mode", format!("m{}", i % 4)));
    }
    if i % 50 == 7 {
        labels.remove(0);
    }
    labels
}

fn samples(i: u32) -> (Vec<i64>, Vec<f64>) {
    let jitter = |k: i64| if i.is_multiple_of(7) { k * 31 % 5 } else { 0 };
    let times = (0..300).map(|k| k * 15_000 + i64::from(i % 40) + jitter(k)).collect();
    let value = |k: i64| match i % 4 {
        0 => 42.0,
        1 => (k * 1500 + i64::from(i)) as f64,
        2 => (k * 7919 % 1000) as f64 / 100.0,
        _ => ((k + i64::from(i)) as f64).sqrt(),
    };
    (times, (0..300).map(value).collect())
}

const SERIES: u32 = 200;

/// Every section and page of a part, to be written again.
struct Content {
    sections: Vec<Vec<u8>>,
    pages: Vec<Vec<u8>>,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from("/data").join(name)
}

fn write(sim: &SimPlatform) -> Part {
    let disk = Arc::clone(&sim.platform().disk);
    disk.create_dir_all("/data".as_ref()).unwrap();
    let writer =
        PartWriter::create(Arc::clone(&disk), path("a.part"), PartOptions::new(CONTENT)).unwrap();
    let mut pairs: Vec<(&str, String)> = (0..SERIES).flat_map(labels).collect();
    pairs.sort();
    pairs.dedup();
    let mut dictionary = DictionaryWriter::default();
    for (name, value) in &pairs {
        dictionary.push(name, value);
    }
    let metrics = dictionary.metric_pairs();
    let number = |pair| pairs.binary_search(&pair).unwrap() as u32;
    let row = |i| (SeriesRow(labels(i).into_iter().map(number).collect()), i);
    let mut rows: Vec<_> = (0..SERIES).map(row).collect();
    rows.sort_by(|(a, _), (b, _)| a.sort_key(&metrics).cmp(&b.sort_key(&metrics)));
    let mut builder = PartBuilder::new(writer, 1, dictionary);
    for (row, i) in &rows {
        let (times, values) = samples(*i);
        builder.add_floats(&times, &values).unwrap();
        builder.finish_series(row);
    }
    builder.finish(7, Vec::new(), &[]).unwrap();
    Part::open(&*disk, path("a.part")).unwrap()
}

fn content_of(part: &Part, sim: &SimPlatform) -> Content {
    let sections = (1..10).map(|kind| part.section(SectionKind(kind)).unwrap_or_default().to_vec());
    let file = sim.disk().read(&path("a.part")).unwrap();
    // Pages lie back to back, aligned, before the sections; the table of pages says where.
    let sections: Vec<Vec<u8>> = sections.collect();
    let mut table = &sections[6][..];
    let values = super::take_sized(&mut table).unwrap();
    let entries: Vec<&[u8]> = values.chunks(36).chain(table.chunks(36)).collect();
    let mut pages = vec![Vec::new(); entries.len()];
    for entry in entries {
        let (offset, index) = (super::u64_at(entry, 8) as usize, super::u32_at(entry, 24) as usize);
        pages[index] = file[offset..offset + super::u32_at(entry, 28) as usize].to_vec();
    }
    Content { sections, pages }
}

fn open_again(sim: &SimPlatform, content: &Content) -> Option<Arc<MetricPart>> {
    let disk = Arc::clone(&sim.platform().disk);
    let path = path("b.part");
    disk.remove(&path).ok();
    let mut writer =
        PartWriter::create(Arc::clone(&disk), &path, PartOptions::new(CONTENT)).unwrap();
    for page in &content.pages {
        writer.add_page(page).unwrap();
    }
    for (kind, section) in (1..).zip(&content.sections) {
        writer.add_section(SectionKind(kind), section).unwrap();
    }
    let summary = blockfile::Summary {
        time_min: 0,
        time_max: 9_000_000,
        rows: 1,
        level: 1,
        replaces: vec![],
    };
    writer.finish(summary).unwrap();
    let part = Part::open(&*disk, &path).unwrap();
    MetricPart::new(PartId(1), part, &Arc::new(PageCache::new(1 << 20, ReadOrder::Scattered))).ok()
}

/// Reads all there is; damaged bytes may give errors and wrong samples.
fn read_everything(part: &MetricPart) -> Vec<(Labels, SampleBuffer)> {
    let mut reader = LabelReader::new(part);
    let mut scratch = ReadScratch::default();
    let mut read = Vec::new();
    for series in 0..part.series_count().min(10 * SERIES) {
        let mut out = SampleBuffer::default();
        for place in part.chunks_of(series).take(10).filter_map(Result::ok) {
            part.aggregate(&place);
            part.decode_chunk(&place, TimeRange::ALL, part.cache(), &mut scratch, &mut out).ok();
        }
        read.push((reader.labels(series), out));
    }
    resolve(part, &[Matcher::equal("host", "h3")]);
    part.visit_values("mode", &mut |_, list| {
        list.len();
    });
    part.label_passes(3, "host", &|_| true);
    part.overlaps(1, TimeRange::new(5, 9));
    read
}

#[test]
fn what_is_written_is_read() {
    let sim = SimPlatform::new(1);
    let part = MetricPart::new(
        PartId(1),
        write(&sim),
        &Arc::new(PageCache::new(1 << 20, ReadOrder::Scattered)),
    )
    .unwrap();
    assert_eq!((part.series_count(), part.order, part.level()), (SERIES, 7, 1));
    let read = read_everything(&part);
    for i in 0..SERIES {
        let (times, values) = samples(i);
        let wanted = Labels::from_pairs(labels(i));
        let (_, got) = read.iter().find(|(labels, _)| *labels == wanted).unwrap();
        assert_eq!((&got.t_ms, &got.v), (&times, &values), "{wanted}");
    }
    let found = resolve(&*part, &[Matcher::equal("host", "h3"), Matcher::equal("mode", "m3")]);
    let named = |i: &u32| i % 40 == 3 && i.is_multiple_of(3) && i % 4 == 3;
    assert_eq!(found.len(), (0..SERIES).filter(named).count() as u64);
    assert_eq!(part.value_count("host"), 40);
    let total: usize = read.iter().map(|(_, samples)| samples.len()).sum();
    assert_eq!(part.part.summary().rows as usize, total);
}

#[test]
fn pages_are_compressed_and_times_shared() {
    let sim = SimPlatform::new(1);
    let part = write(&sim);
    let content = content_of(&part, &sim);
    let raw: usize =
        content.sections[6][4..].chunks(36).map(|entry| super::u32_at(entry, 32) as usize).sum();
    let stored: usize = content.pages.iter().map(Vec::len).sum();
    assert!(stored < raw, "{stored} of {raw}");
    let rows = super::u32_at(&content.sections[5], 0);
    assert!(rows < SERIES / 2, "{rows} columns of timestamps for {SERIES} series");
}

#[test]
fn damage_behind_right_checksums_does_not_panic() {
    let sim = SimPlatform::new(1);
    let whole = content_of(&write(&sim), &sim);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let flips = prop::collection::vec((any::<u16>(), any::<u32>(), 1_u8..), 1..4);
    let result = runner.run(&flips, |flips| {
        let mut content = Content { sections: whole.sections.clone(), pages: whole.pages.clone() };
        for (target, place, bits) in flips {
            let Content { sections, pages } = &mut content;
            let count = sections.len() + pages.len().min(3);
            let target = usize::from(target) % count;
            let bytes = sections.iter_mut().chain(pages).nth(target).unwrap();
            if !bytes.is_empty() {
                let place = place as usize % bytes.len();
                bytes[place] ^= bits;
            }
        }
        if let Some(part) = open_again(&sim, &content) {
            read_everything(&part);
        }
        Ok(())
    });
    assert_eq!(result, Ok(()));
}
