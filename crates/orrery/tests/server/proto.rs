//! Just enough protobuf to write a remote-write 1.0 request.

/// One series' labels, sorted by name, and what it sends in one request.
pub(crate) struct Series<'a> {
    pub(crate) labels: &'a [(String, String)],
    pub(crate) t_ms: i64,
    pub(crate) v: f64,
}

/// `prometheus.WriteRequest` with one sample per series.
pub(crate) fn write_request<'a>(series: impl Iterator<Item = Series<'a>>) -> Vec<u8> {
    let mut request = Vec::new();
    let mut one = Vec::new();
    for series in series {
        one.clear();
        for (name, value) in series.labels {
            let mut label = Vec::with_capacity(name.len() + value.len() + 6);
            push_bytes(&mut label, 1, name.as_bytes());
            push_bytes(&mut label, 2, value.as_bytes());
            push_bytes(&mut one, 1, &label);
        }
        let mut sample = vec![1 << 3 | 1];
        sample.extend_from_slice(&series.v.to_le_bytes());
        sample.push(2 << 3);
        push_varint(&mut sample, series.t_ms as u64);
        push_bytes(&mut one, 2, &sample);
        push_bytes(&mut request, 1, &one);
    }
    request
}

fn push_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    push_varint(out, field << 3 | 2);
    push_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn push_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}
