//! Builds the label sets of many series of one part: strings are unpacked once, not once for
//! each series.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};

use super::dictionary::Dictionary;
use super::read::MetricPart;
use super::series::SeriesTable;

/// Strings of one part that were read lately.
pub(crate) struct LabelReader<'p> {
    dictionary: Dictionary<'p>,
    series: SeriesTable<'p>,
    /// By number; empty until it was met, since no name is.
    names: Vec<String>,
    values: HashMap<u32, (u32, u32)>,
    texts: String,
    scratch: String,
    builder: LabelsBuilder,
    row: Vec<(u32, u32)>,
}

/// Texts kept before the reader starts anew.
const TEXTS_BYTES_MAX: usize = 4 << 20;

impl<'p> LabelReader<'p> {
    pub(crate) fn new(part: &'p MetricPart) -> Self {
        Self {
            dictionary: part.dictionary(),
            series: part.series(),
            names: vec![String::new(); part.dictionary().name_count() as usize],
            values: HashMap::new(),
            texts: String::new(),
            scratch: String::new(),
            builder: LabelsBuilder::default(),
            row: Vec::new(),
        }
    }

    /// The labels of a series. Cost: about 300 ns when its strings were met before.
    pub(crate) fn labels(&mut self, series: u32) -> Labels {
        let Self { dictionary, series: table, names, values, texts, scratch, builder, row } = self;
        if texts.len() > TEXTS_BYTES_MAX {
            texts.clear();
            values.clear();
        }
        row.clear();
        table.visit(series, dictionary, &mut |name, pair| row.push((name, pair)));
        builder.clear();
        for (name, pair) in row {
            let place = *name as usize;
            // A number beyond all names is damage.
            let Some(name_text) = names.get_mut(place) else { continue };
            if name_text.is_empty() {
                dictionary.name(*name, name_text);
            }
            let (start, end) = *values.entry(*pair).or_insert_with(|| {
                dictionary.value(*pair, scratch);
                let start = texts.len() as u32;
                texts.push_str(scratch);
                (start, texts.len() as u32)
            });
            builder.push(name_text, texts.get(start as usize..end as usize).unwrap_or_default());
        }
        builder.build()
    }
}
