//! From a request body to one batch: size checks, decompression, walk, keys.

use model::{BatchSeries, InvalidLabels, LabelsBuilder, SampleBatch, SeriesKey};

use super::columns::{Columns, RawAt};
use super::error::WriteError;
use super::headers::Message;
use super::labels::decode_labels;
use super::limits::WriteLimits;
use super::{message1, message2};

/// Keeps keys of this wire format apart from those of other receivers.
const KEY_DOMAIN: u64 = 0x7277_5f6c_6162_656c;

/// What a request holds. Series that the batch's decoder refuses are reported by the store.
pub struct Decoded<'a> {
    pub batch: SampleBatch<'a>,
    /// Samples left out here: bad symbol references, impossible histograms.
    pub rejected: u64,
    /// The first of them in words: the request is answered with 400 and this text, though the
    /// rest of it is stored.
    pub first_rejection: Option<&'a str>,
}

/// Decodes one request after the other in the same memory; one per connection or thread.
/// Cost: no allocation per sample or known series once its vectors have grown.
#[derive(Debug, Default)]
pub struct Decoder {
    limits: WriteLimits,
    snappy: snap::raw::Decoder,
    message: Vec<u8>,
    columns: Columns,
    series: Vec<BatchSeries<'static>>,
}

impl Decoder {
    pub fn new(limits: WriteLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Hands the decoded request to `store`, or says why there is none. `store` is called at most
    /// once, and only with a message that was read to its end.
    pub fn decode<R>(
        &mut self,
        message: Message,
        body: &[u8],
        store: impl FnOnce(&Decoded<'_>) -> R,
    ) -> Result<R, WriteError> {
        let len = self.decompress(body)?;
        let text = self.message.get(..len).unwrap_or_default();
        self.columns.clear();
        match message {
            Message::V1 => message1::read_request(text, &self.limits, &mut self.columns)?,
            Message::V2 => message2::read_request(text, &self.limits, &mut self.columns)?,
        }
        let columns = &self.columns;
        let mut series: Vec<BatchSeries<'_>> = std::mem::take(&mut self.series);
        series.extend(columns.series.iter().map(|at| {
            let raw = match at.raw {
                RawAt::Message(start, end) => text.get(start..end),
                RawAt::Scratch(start, end) => columns.scratch.get(start..end),
            };
            let raw = raw.unwrap_or_default();
            let key = SeriesKey::of(KEY_DOMAIN, raw);
            BatchSeries { key, raw, samples: at.samples, histograms: at.histograms }
        }));
        let metadata: Vec<_> =
            columns.metadata.iter().map(|(name, known)| (name.as_str(), known.clone())).collect();
        let limits = &self.limits;
        let decode = |raw: &[u8], out: &mut LabelsBuilder| -> Result<(), InvalidLabels> {
            decode_labels(raw, limits, out)
        };
        let batch = SampleBatch {
            decode: &decode,
            series: &series,
            t_ms: &columns.t_ms,
            v: &columns.v,
            histograms: &columns.histograms,
            starts: &columns.starts,
            exemplars: &columns.exemplars,
            metadata: &metadata,
        };
        let first_rejection = columns.first_rejection.as_deref();
        let result = store(&Decoded { batch, rejected: columns.rejected, first_rejection });
        self.series = emptied(series);
        Ok(result)
    }

    /// Fills the message buffer; returns the length of the message in it.
    fn decompress(&mut self, body: &[u8]) -> Result<usize, WriteError> {
        let limits = &self.limits;
        let snappy = |e: snap::Error| WriteError::Snappy(e.to_string());
        check_size("body", body.len(), limits.body_bytes_max, "ingest.body_bytes_max")?;
        let len = snap::raw::decompress_len(body).map_err(snappy)?;
        let limit = limits.decompressed_bytes_max;
        check_size("decompressed size", len, limit, "ingest.decompressed_bytes_max")?;
        // No snappy element yields more than 64 bytes from three: do not take memory for a lie.
        if len > body.len().saturating_mul(32) {
            return Err(WriteError::Snappy(format!("{} bytes cannot hold {len}", body.len())));
        }
        // Grows only: clearing would zero the memory again for every request.
        if self.message.len() < len {
            self.message.resize(len, 0);
        }
        self.snappy.decompress(body, &mut self.message).map_err(snappy)
    }
}

fn check_size(
    what: &'static str,
    found: usize,
    limit: usize,
    setting: &'static str,
) -> Result<(), WriteError> {
    if found <= limit {
        return Ok(());
    }
    Err(WriteError::TooLarge { what, found, limit, setting })
}

/// The same allocation without its borrowed content: collecting an emptied vector of the same
/// layout happens in place.
fn emptied(mut series: Vec<BatchSeries<'_>>) -> Vec<BatchSeries<'static>> {
    series.clear();
    series.into_iter().map(|s| BatchSeries { raw: &[], ..s }).collect()
}
