//! A borrowing walker over the protobuf wire format: fields in order, nothing copied.

use super::error::WriteError;

/// A message being read. `base` is its offset in the outermost one, for errors only.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    base: usize,
    pos: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    /// A string, a nested message or a packed list.
    Bytes(Cursor<'a>),
    Fixed32,
}

pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) value: Value<'a>,
    /// Offset of the field's tag within its message.
    pub(super) start: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0, pos: 0 }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn malformed(&self, what: &'static str) -> WriteError {
        WriteError::Protobuf { offset: self.base + self.pos, what }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, WriteError> {
        if self.pos >= self.bytes.len() {
            return Ok(None);
        }
        let start = self.pos;
        let tag = self.varint()?;
        let number = (tag >> 3) as u32;
        if number == 0 || tag >> 3 > 0x1fff_ffff {
            return Err(self.malformed("illegal field number"));
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = self.varint()?;
                let end = usize::try_from(len).ok().and_then(|len| self.pos.checked_add(len));
                let bytes = end.and_then(|end| self.bytes.get(self.pos..end));
                let Some(bytes) = bytes else {
                    return Err(self.malformed("length beyond the end of the message"));
                };
                let base = self.base + self.pos;
                self.pos += bytes.len();
                Value::Bytes(Self { bytes, base, pos: 0 })
            }
            5 => {
                self.array::<4>()?;
                Value::Fixed32
            }
            _ => return Err(self.malformed("illegal wire type")),
        };
        Ok(Some(Field { number, value, start }))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, WriteError> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        if let Some(first) = rest.first().filter(|b| **b < 0x80) {
            self.pos += 1;
            return Ok(u64::from(*first));
        }
        let mut value = 0u64;
        for (i, b) in rest.iter().take(10).enumerate() {
            value |= u64::from(b & 0x7f) << (7 * i);
            if *b < 0x80 {
                if i == 9 && *b > 1 {
                    break;
                }
                self.pos += i + 1;
                return Ok(value);
            }
        }
        Err(self.malformed("varint cut short or too long"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WriteError> {
        let chunk = self.bytes.get(self.pos..).and_then(<[u8]>::first_chunk);
        let Some(chunk) = chunk else {
            return Err(self.malformed("fixed-size value cut short"));
        };
        self.pos += N;
        Ok(*chunk)
    }

    /// A field as packed or single varints, whichever the sender chose.
    pub(super) fn varints(
        &self,
        value: Value<'a>,
        mut take: impl FnMut(u64),
    ) -> Result<(), WriteError> {
        match value {
            Value::Varint(v) => take(v),
            Value::Bytes(mut packed) => {
                while packed.pos < packed.bytes.len() {
                    take(packed.varint()?);
                }
            }
            _ => return Err(self.malformed("wrong wire type for a list of integers")),
        }
        Ok(())
    }

    /// A field as packed or single doubles.
    pub(super) fn doubles(
        &self,
        value: Value<'a>,
        mut take: impl FnMut(f64),
    ) -> Result<(), WriteError> {
        match value {
            Value::Fixed64(bits) => take(f64::from_bits(bits)),
            Value::Bytes(mut packed) => {
                while packed.pos < packed.bytes.len() {
                    take(f64::from_le_bytes(packed.array()?));
                }
            }
            _ => return Err(self.malformed("wrong wire type for a list of doubles")),
        }
        Ok(())
    }

    pub(super) fn nested(&self, value: Value<'a>) -> Result<Cursor<'a>, WriteError> {
        match value {
            Value::Bytes(cursor) => Ok(cursor),
            _ => Err(self.malformed("wrong wire type for a message or string")),
        }
    }

    pub(super) fn integer(&self, value: Value<'a>) -> Result<u64, WriteError> {
        match value {
            Value::Varint(v) => Ok(v),
            _ => Err(self.malformed("wrong wire type for an integer")),
        }
    }

    pub(super) fn double(&self, value: Value<'a>) -> Result<f64, WriteError> {
        match value {
            Value::Fixed64(bits) => Ok(f64::from_bits(bits)),
            _ => Err(self.malformed("wrong wire type for a double")),
        }
    }

    pub(super) fn text(&self, value: Value<'a>) -> Result<&'a str, WriteError> {
        let bytes = self.nested(value)?.bytes;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("a string is not UTF-8"))
    }
}

/// Inverse of the zigzag mapping of `sint32` and `sint64`.
pub(super) fn zigzag(v: u64) -> i64 {
    ((v >> 1) as i64) ^ -((v & 1) as i64)
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}
