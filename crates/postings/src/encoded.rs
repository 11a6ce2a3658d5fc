//! A posting list as it lies in a file: a count, then ascending ids as differences, all varints.

use codec::varint::{put_u64, take_u64};

/// The bytes are not a list of ascending ids below the stated bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("posting list is damaged")]
pub struct InvalidList;

/// A checked list in borrowed bytes.
#[derive(Clone, Copy, Debug)]
pub struct EncodedList<'a> {
    count: u32,
    deltas: &'a [u8],
}

impl<'a> EncodedList<'a> {
    /// Appends ascending, distinct ids.
    pub fn encode(ids: impl ExactSizeIterator<Item = u32>, out: &mut Vec<u8>) {
        put_u64(out, ids.len() as u64);
        let mut next = 0;
        for id in ids {
            debug_assert!(id >= next, "ids ascend");
            put_u64(out, u64::from(id - next));
            next = id + 1;
        }
    }

    /// Takes one list off the front of `bytes`. Cost: reads it once, so that later reads cannot
    /// fail. Errors: cut off, or an id that is not below `bound`.
    pub fn take(bytes: &mut &'a [u8], bound: u32) -> Result<Self, InvalidList> {
        let count = take_u64(bytes).map_err(|_| InvalidList)?;
        let start = *bytes;
        let mut next = 0_u64;
        for _ in 0..count {
            let delta = take_u64(bytes).map_err(|_| InvalidList)?;
            next =
                next.checked_add(delta).filter(|id| *id < u64::from(bound)).ok_or(InvalidList)?;
            next += 1;
        }
        let deltas = &start[..start.len() - bytes.len()];
        Ok(Self { count: u32::try_from(count).map_err(|_| InvalidList)?, deltas })
    }

    pub const fn len(&self) -> u32 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn ids(&self) -> impl Iterator<Item = u32> + use<'a> {
        let (mut rest, mut next) = (self.deltas, 0_u32);
        std::iter::from_fn(move || {
            let delta = take_u64(&mut rest).ok()?;
            let id = next.wrapping_add(delta as u32);
            next = id.wrapping_add(1);
            Some(id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::EncodedList;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_comes_back(ids in prop::collection::btree_set(0_u32..5000, 0..200)) {
            let mut bytes = Vec::new();
            EncodedList::encode(ids.iter().copied(), &mut bytes);
            bytes.push(9);
            let mut rest = &bytes[..];
            let list = EncodedList::take(&mut rest, 5000).unwrap();
            prop_assert_eq!(rest, &[9]);
            prop_assert_eq!(list.ids().collect::<Vec<_>>(), ids.iter().copied().collect::<Vec<_>>());
            if let Some(last) = ids.last() {
                prop_assert!(EncodedList::take(&mut &bytes[..], *last).is_err());
            }
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            if let Ok(list) = EncodedList::take(&mut &bytes[..], u32::MAX) {
                prop_assert_eq!(list.ids().count(), list.len() as usize);
            }
        }
    }
}
