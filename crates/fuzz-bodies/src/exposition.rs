//! Text expositions: any bytes are judged, in both formats.

use ingest::exposition::{Entry, Format, Parser};
use model::LabelsBuilder;

/// Reads a page of metrics as either format to its end or its first error.
pub fn exposition(body: &[u8]) {
    let mut labels = LabelsBuilder::default();
    for format in [Format::Prometheus, Format::OpenMetrics] {
        let mut parser = Parser::new(body, format);
        while let Ok(Some(entry)) = parser.next_entry() {
            if let Entry::Sample(_) = entry {
                labels.clear();
                if parser.labels(&mut labels).is_ok() {
                    assert!(!labels.is_empty(), "a sample has a metric name");
                }
                parser.exemplar(0);
                parser.start_time_ms();
            }
        }
        assert!(matches!(parser.next_entry(), Ok(None)), "an error ends the document");
    }
}
