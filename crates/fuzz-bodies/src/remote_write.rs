//! Remote write: any body is judged, compressed or not; a batch is consistent.

use ingest::remote_write::{Decoded, Decoder, Message, WriteLimits};
use model::LabelsBuilder;

fn check(decoded: &Decoded<'_>) {
    let batch = &decoded.batch;
    let mut labels = LabelsBuilder::default();
    for series in batch.series {
        assert!(series.samples.0 <= series.samples.1, "a range runs forward");
        assert!(series.samples.1 as usize <= batch.t_ms.len(), "a range lies in its column");
        assert!(series.histograms.1 as usize <= batch.histograms.len(), "likewise");
        labels.clear();
        if (batch.decode)(series.raw, &mut labels).is_ok() {
            assert!(labels.build().metric_name().is_some(), "accepted series have a name");
        }
    }
    assert_eq!(batch.t_ms.len(), batch.v.len(), "columns have equal length");
}

/// Decodes a body, as it is and compressed, as either message.
pub fn remote_write(body: &[u8]) {
    let limits = WriteLimits { decompressed_bytes_max: 1 << 20, ..WriteLimits::default() };
    let mut decoder = Decoder::new(limits);
    let compressed = snap::raw::Encoder::new().compress_vec(body).unwrap_or_default();
    for message in [Message::V1, Message::V2] {
        for body in [body, &compressed] {
            decoder.decode(message, body, check).ok();
        }
    }
}
