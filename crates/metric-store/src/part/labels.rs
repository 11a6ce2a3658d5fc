//! Builds the label sets of many series of one part: strings are unpacked once, not once for
//! each series.

use hashbrown::HashMap;
use model::Labels;

use super::dictionary::Dictionary;
use super::read::MetricPart;
use super::series::SeriesTable;

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
    row: Vec<(u32, u32)>,
    laid_out: String,
}

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
            row: Vec::new(),
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
        let Self { dictionary, series: table, names, pairs, texts, value, row, .. } = self;
        if texts.len() > TEXTS_BYTES_MAX {
            texts.clear();
            pairs.clear();
        }
        row.clear();
        table.visit(series, dictionary, &mut |name, pair| row.push((name, pair)));
        // Names are numbered in their order; whatever a damaged row says, a set is sorted.
        let is_sorted = row.windows(2).all(|names| names[0].0 < names[1].0);
        if !is_sorted {
            row.sort_unstable();
            row.dedup_by_key(|(name, _)| *name);
        }
        for (name, pair) in row {
            // A number beyond all names is damage.
            let Some(name_text) = names.get_mut(*name as usize) else { continue };
            let (start, end) = *pairs.entry(*pair).or_insert_with(|| {
                if name_text.is_empty() {
                    dictionary.name(*name, name_text);
                }
                dictionary.value(*pair, value);
                let start = texts.len() as u32;
                Labels::lay_out(texts, name_text, value);
                (start, texts.len() as u32)
            });
            out.push_str(texts.get(start as usize..end as usize).unwrap_or_default());
        }
    }
}
