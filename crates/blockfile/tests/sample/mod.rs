//! Parts for tests: a handful of pages whose references are kept in a section.

use blockfile::{
    Content, FinishedPart, PageRef, Part, PartId, PartOptions, PartWriter, ReadPartError,
    SectionKind, Summary, WritePartError,
};

pub(crate) const PAGES: SectionKind = SectionKind(1);
pub(crate) const NOTES: SectionKind = SectionKind(2);
pub(crate) const OPTIONS: PartOptions =
    PartOptions { content: Content { kind: 9, version: 3 }, align: 8 };

/// Fills `writer` with one page for each of `pages` and finishes it.
pub(crate) fn fill(
    mut writer: PartWriter,
    pages: &[Vec<u8>],
    replaces: Vec<PartId>,
) -> Result<FinishedPart, WritePartError> {
    let mut refs = Vec::new();
    for page in pages {
        writer.add_page(page)?.encode(&mut refs);
    }
    writer.add_section(PAGES, &refs)?;
    writer.add_section(NOTES, b"a section of its own")?;
    let rows = pages.iter().map(|page| page.len() as u64).sum();
    let level = u8::from(!replaces.is_empty());
    writer.finish(Summary { time_min: -5, time_max: 1_000 + rows as i64, rows, level, replaces })
}

/// Reads all pages back.
pub(crate) fn pages(part: &Part) -> Result<Vec<Vec<u8>>, ReadPartError> {
    let mut refs = part.section(PAGES).expect("the sample has it");
    let mut found = Vec::new();
    while !refs.is_empty() {
        let page = PageRef::decode(&mut refs).expect("the section is intact");
        found.push(part.page(&page)?.to_vec());
    }
    assert_eq!(part.section(NOTES), Some(&b"a section of its own"[..]));
    Ok(found)
}
