//! Builds the label sets of many series of one part: strings are unpacked once, not once for
//! each series.

use hashbrown::HashMap;
use model::Labels;

use super::dictionary::Dictionary;
use super::read::MetricPart;
use super::series::{SeriesBlock, SeriesTable};

/// Pairs of one part that were read lately, as a set of labels lays them out.
pub(crate) struct LabelReader<'p> {
    dictionary: Dictionary<'p>,
    series: SeriesTable<'p>,
    /// By number; empty until it was met, since no name is.
    names: Vec<String>,
    /// Where the pairs lie in `texts`, by number.
    pairs: HashMap<u32, (u32, u32)>,
    texts: String,
    value: String,
    /// The block that has the series read last.
    block: SeriesBlock<'p>,
    /// Of each of its columns the pair that was read last, and where it lies in `texts`:
    /// neighbours share most of theirs.
    latest: Vec<Option<Placed>>,
    laid_out: String,
}

/// A pair and where it lies.
type Placed = (u32, (u32, u32));

/// Texts kept before the reader starts anew.
const TEXTS_BYTES_MAX: usize = 4 << 20;

impl<'p> LabelReader<'p> {
    pub(crate) fn new(part: &'p MetricPart) -> Self {
        Self {
            dictionary: part.dictionary(),
            series: part.series(),
            names: vec![String::new(); part.dictionary().name_count() as usize],
            pairs: HashMap::new(),
            texts: String::new(),
            value: String::new(),
            block: SeriesBlock::default(),
            latest: Vec::new(),
            laid_out: String::new(),
        }
    }

    /// The labels of a series. Cost: an allocation and a copy for each pair that was met before.
    pub(crate) fn labels(&mut self, series: u32) -> Labels {
        let mut laid_out = std::mem::take(&mut self.laid_out);
        laid_out.clear();
        self.lay_out(series, &mut laid_out);
        let labels = Labels::of_laid_out(&laid_out);
        self.laid_out = laid_out;
        labels
    }

    /// Appends the labels of a series as a set lays them out. Cost: as [`Self::labels`], without
    /// the allocation.
    pub(crate) fn lay_out(&mut self, series: u32, out: &mut String) {
        let Self { dictionary, series: table, names, pairs, texts, value, block, latest, .. } =
            self;
        if texts.len() > TEXTS_BYTES_MAX {
            texts.clear();
            pairs.clear();
            latest.fill(None);
        }
        if !block.series.contains(&series) {
            table.load(series, dictionary, block);
            latest.clear();
            latest.resize(block.columns.len(), None);
        }
        let place = (series - block.series.start) as usize;
        for (column, latest) in block.columns.iter().zip(latest) {
            let pair = column.pair(place);
            let (start, end) = match *latest {
                Some((known, span)) if known == pair => span,
                _ => {
                    // A number beyond all names is damage.
                    let Some(name_text) = names.get_mut(column.name as usize) else { continue };
                    let span = *pairs.entry(pair).or_insert_with(|| {
                        if name_text.is_empty() {
                            dictionary.name(column.name, name_text);
                        }
                        dictionary.value(pair, value);
                        let start = texts.len() as u32;
                        Labels::lay_out(texts, name_text, value);
                        (start, texts.len() as u32)
                    });
                    *latest = Some((pair, span));
                    span
                }
            };
            out.push_str(texts.get(start as usize..end as usize).unwrap_or_default());
        }
    }
}
