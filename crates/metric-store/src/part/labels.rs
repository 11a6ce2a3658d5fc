//! Builds the label sets of many series of one part: strings are unpacked once, not once for
//! each series.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};

use super::read::MetricPart;

/// Strings of one part that were read lately.
pub(crate) struct LabelReader<'p> {
    part: &'p MetricPart,
    names: HashMap<u32, Box<str>>,
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
            part,
            names: HashMap::new(),
            values: HashMap::new(),
            texts: String::new(),
            scratch: String::new(),
            builder: LabelsBuilder::default(),
            row: Vec::new(),
        }
    }

    /// The labels of a series. Cost: about 300 ns when its strings were met before.
    pub(crate) fn labels(&mut self, series: u32) -> Labels {
        let Self { part, names, values, texts, scratch, builder, row } = self;
        if texts.len() > TEXTS_BYTES_MAX {
            texts.clear();
            values.clear();
        }
        row.clear();
        let dictionary = part.dictionary();
        part.visit_pairs(series, &mut |name, pair| row.push((name, pair)));
        builder.clear();
        for (name, pair) in row {
            let name = names.entry(*name).or_insert_with(|| {
                dictionary.name(*name, scratch);
                scratch.as_str().into()
            });
            let (start, end) = *values.entry(*pair).or_insert_with(|| {
                dictionary.value(*pair, scratch);
                let start = texts.len() as u32;
                texts.push_str(scratch);
                (start, texts.len() as u32)
            });
            builder.push(name, texts.get(start as usize..end as usize).unwrap_or_default());
        }
        builder.build()
    }
}
