//! Matchers are resolved on a part's own index.

use postings::{LabelIndex, ListView, RoaringBitmap};

use super::read::MetricPart;

impl LabelIndex for MetricPart {
    fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.series_count());
        all
    }

    fn list(&self, name: &str, value: &str) -> Option<ListView<'_>> {
        let pair = self.dictionary().find_pair(name, value)?;
        Some(ListView::Encoded(self.postings().list(pair, self.series_count())))
    }

    fn visit_names(&self, visit: &mut dyn FnMut(&str)) {
        self.dictionary().visit_names(&mut |_, name| visit(name));
    }

    fn value_count(&self, name: &str) -> usize {
        let dictionary = self.dictionary();
        dictionary.find_name(name).map_or(0, |name| dictionary.pairs_of(name).len())
    }

    fn visit_values(&self, name: &str, visit: &mut dyn FnMut(&str, ListView<'_>)) {
        let (dictionary, postings) = (self.dictionary(), self.postings());
        let Some(name) = dictionary.find_name(name) else { return };
        dictionary.visit_values(dictionary.pairs_of(name), &mut |pair, value| {
            visit(value, ListView::Encoded(postings.list(pair, self.series_count())));
        });
    }

    fn visit_labels(&self, id: u32, visit: &mut dyn FnMut(&str, &str)) {
        let dictionary = self.dictionary();
        let (mut name_text, mut value_text) = (String::new(), String::new());
        self.visit_pairs(id, &mut |name, pair| {
            dictionary.name(name, &mut name_text);
            dictionary.value(pair, &mut value_text);
            visit(&name_text, &value_text);
        });
    }

    fn label_passes(&self, id: u32, name: &str, pass: &dyn Fn(&str) -> bool) -> bool {
        let dictionary = self.dictionary();
        let Some(wanted) = dictionary.find_name(name) else { return pass("") };
        let mut found = None;
        self.visit_pairs(id, &mut |name, pair| {
            if name == wanted {
                found = Some(pair);
            }
        });
        let mut value = String::new();
        if let Some(pair) = found {
            dictionary.value(pair, &mut value);
        }
        pass(&value)
    }
}
